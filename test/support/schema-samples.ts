import fc from 'fast-check';

/** A JSON Schema as OpenAPI has it; the members that samples need. */
export interface SampleSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly examples?: readonly unknown[];
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: SampleSchema;
  readonly properties?: Readonly<Record<string, SampleSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly SampleSchema[];
  readonly oneOf?: readonly SampleSchema[];
  readonly allOf?: readonly SampleSchema[];
}

/** Texts that look like something and are not, or only just are. */
const TEXTS = [
  ...[
    '',
    ' ',
    '0',
    '-0',
    '1e999',
    'NaN',
    '00000',
    '99999',
    '5',
    '09951+',
    '99999+',
    'null',
    'true',
    '\u0000',
    '\ud800',
    '中',
    '\u202e',
  ],
  ...[
    '2026-02-30',
    '0000-00-00',
    '9999-12-31',
    '2021-07-26',
    '2021-07-32',
    '1582-10-10',
    '2021-07-24T24:00',
    '2021-07-24T16:30',
  ],
  ...[
    '9999-12-31T23:59:59.999',
    '+275760-09-13T00:00:00Z',
    '-271821-04-20T00:00:00Z',
    '2021-07-24T16:30:00+99:00',
    '20210723',
    '2460',
    '2359',
  ],
  ...[
    'B09901',
    'B09902',
    'ZZZZZZ',
    '000000',
    'COMMON',
    'R00000001',
    'D00000001',
    'S00000001',
    'U00000000001',
    'ZSICR01',
    'RMAMR01',
  ],
  ...[
    '99999999999999999999',
    '0.000000001',
    '123456789012345.99',
    '-1',
    '٣',
    '１２',
    'HK B09901 MA1',
    '../../etc/passwd',
    '%00',
    '__proto__',
  ],
];
const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  2 ** 31,
  2 ** 53 - 1,
  2 ** 53,
  1e21,
  1e308,
  -1e308,
  5e-324,
  8_640_000_000_000_000,
  999_999_999_999,
];

/** Values that a schema admits, or nearly: edges, impossible dates, huge numbers, and now and then another type. */
export function samples(schema: SampleSchema, depth = 0): fc.Arbitrary<unknown> {
  const good = fitting(schema, depth);
  return fc.oneof(
    { weight: 12, arbitrary: good },
    {
      weight: 1,
      arbitrary: fc.oneof(fc.constantFrom(...TEXTS), fc.constantFrom(...NUMBERS), fc.constantFrom(null, true, [], {})),
    },
  );
}

function fitting(schema: SampleSchema, depth: number): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((one) => samples(one, depth)));
  if (schema.allOf) return fitting(Object.assign({}, ...schema.allOf) as SampleSchema, depth);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  switch (type) {
    case 'object': {
      const members = Object.entries(schema.properties ?? {}).map(([name, one]) => [name, samples(one, depth + 1)]);
      return fc.record(Object.fromEntries(members), { requiredKeys: [...(schema.required ?? [])] as never[] });
    }
    case 'array':
      return fc.array(samples(schema.items ?? {}, depth + 1), { maxLength: depth > 2 ? 2 : 4 });
    case 'integer':
    case 'number': {
      const { minimum = -(2 ** 53), maximum = 2 ** 53 } = schema;
      const edges = [minimum, maximum, ...NUMBERS.filter((one) => one >= minimum && one <= maximum)];
      return fc.constantFrom(...edges);
    }
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return text(schema);
  }
}

function text({ pattern, examples = [], maxLength = 400 }: SampleSchema): fc.Arbitrary<unknown> {
  const expression = pattern === undefined ? /^/ : new RegExp(pattern, 'u');
  const edges = [...TEXTS, ...examples.map(String)].filter((one) => expression.test(one) && one.length <= maxLength);
  const generated =
    pattern === undefined ? fc.string({ maxLength: Math.min(maxLength, 60) }) : fc.stringMatching(expression);
  return edges.length === 0 ? generated : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...edges) }, generated);
}
