import fc from 'fast-check';
import {
  JOURNAL_DETAILS,
  JOURNAL_KINDS,
  type JournalDetails,
  type JournalKind,
  type JournalWho,
} from '../../src/domain/journal/journal.ts';
import type { Shape } from '../../src/domain/journal/shape.ts';

/** What is given to `note`. */
export type Noted = { [K in JournalKind]: readonly [K, JournalWho, JournalDetails[K]] }[JournalKind];

/** Any value that a shape accepts, with any strings in it. */
function anyValue({ anyOf, enum: values, properties, required = [], ...shape }: Shape<unknown>): fc.Arbitrary<unknown> {
  if (anyOf) return fc.oneof(...anyOf.map(anyValue));
  if (values) return fc.constantFrom(...values);
  if (properties) {
    const members: Record<string, fc.Arbitrary<unknown>> = {};
    for (const [name, member] of Object.entries(properties)) members[name] = anyValue(member);
    return fc.record(members, { requiredKeys: [...required] });
  }
  switch (shape.type) {
    case 'string':
      return text(shape);
    case 'integer':
      return shape.minimum === 0 ? fc.maxSafeNat() : fc.maxSafeInteger();
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(anyValue(shape.items ?? {}), { maxLength: Math.min(shape.maxItems ?? 4, 4) });
    case 'object':
      return fc.dictionary(fc.string({ minLength: 1 }), fc.maxSafeNat(), { noNullPrototype: true, maxKeys: 3 });
    default:
      throw new Error(`no values are known for ${JSON.stringify(shape)}`);
  }
}

/** Unicode of every sort, halves of surrogate pairs included. */
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud800', '"kind":"logon"', '\n', '\u2028'),
);

function text({ pattern, maxLength }: Shape<unknown>): fc.Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return maxLength === undefined ? anyText : anyText.map((value) => value.slice(0, maxLength));
}

const absentOr = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

export const who: fc.Arbitrary<JournalWho> = fc.record(
  {
    centre: absentOr(fc.constantFrom('primary', 'backup')),
    service: absentOr(fc.constantFrom('ccass', 'rap', 'orp')),
    protocol: absentOr(fc.constantFrom('https', 'sftp', 'admin')),
    via: absentOr(fc.constantFrom('line', 'direct')),
    connection: absentOr(fc.oneof(fc.constantFrom('p-https-1', 'b-sftp-2'), anyText)),
    request: absentOr(anyText),
    session: absentOr(anyText),
    participant: absentOr(anyText),
    user: absentOr(anyText),
  },
  { requiredKeys: [] },
);

export const noted: fc.Arbitrary<Noted> = fc
  .constantFrom(...JOURNAL_KINDS)
  .chain((kind) => fc.tuple(fc.constant(kind), who, anyValue(JOURNAL_DETAILS[kind])) as fc.Arbitrary<Noted>);
