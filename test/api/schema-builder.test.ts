import TypeBox from 'typebox';
import { expect, test } from 'vitest';
import Type from '../../src/api/schema-builder.ts';

const row = (T: typeof Type) => {
  const fields = { id: T.String({ pattern: '^[A-Z]$' }), note: T.Optional(T.String()) };
  return T.Object(
    { ...fields, of: T.Union([T.Literal('all'), T.Literal(1), T.Null()]) },
    { additionalProperties: false },
  );
};

// The same call of both; TypeBox is what the types come from, so what it makes is what was meant.
test.each<[string, (T: typeof Type) => unknown]>([
  ['an object with what may be missing', row],
  ['an object of which all may be missing', (T) => T.Object({ a: T.Optional(T.Boolean()) })],
  ['a part of an object', (T) => T.Partial(row(T) as never, { additionalProperties: false })],
  ['an array', (T) => T.Array(row(T) as never, { minItems: 1, description: 'rows' })],
  ['a record', (T) => T.Record(T.String(), T.Number({ minimum: 0 }), { description: 'by name' })],
  ['what is said as it is', (T) => T.Unsafe({ type: 'string', enum: ['a', 'b'] })],
  ['anything', (T) => T.Array(T.Unknown({ description: 'anything' }))],
  ['numbers', (T) => T.Object({ a: T.Integer({ minimum: 1 }), b: T.Number() })],
])('%s is the JSON Schema that TypeBox makes', (_, make) => {
  expect(JSON.parse(JSON.stringify(make(Type)))).toEqual(JSON.parse(JSON.stringify(make(TypeBox))));
});

test('what may be missing in one place may be required in another', () => {
  const shared = Type.String();
  expect(Type.Object({ a: Type.Optional(shared) })).not.toHaveProperty('required');
  expect(Type.Object({ a: shared })).toMatchObject({ required: ['a'] });
});
