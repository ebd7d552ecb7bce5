import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SettlementInstruction } from '../../../src/domain/nouns/instructions.ts';
import type { InstructionRow } from '../../../src/domain/settlement/batch.ts';
import { Content, instructionContent, rowContent, transferContent } from '../../../src/domain/settlement/content.ts';

const row: fc.Arbitrary<InstructionRow> = fc.record({
  reference: fc.string(),
  side: fc.constantFrom('D', 'R'),
  stock: fc.integer({ min: 0, max: 99_999 }).map((code) => String(code).padStart(5, '0')),
  isin: fc.string(),
  quantity: fc.integer({ min: 1, max: 999_999_999_999 }),
  counterparty: fc.constantFrom('B09902', 'B09903', 'C09901'),
  account: fc.constantFrom('01', '03'),
  payment: fc.constantFrom('FOP', 'DVP', 'RDP'),
  currency: fc.constantFrom('', 'HKD', 'CNY'),
  amountCents: fc.nat(),
  settlementDate: fc.constantFrom('2021-07-26', '2021-07-27'),
  hold: fc.constantFrom('Y', 'N'),
  narrative: fc.string(),
});
const text = (one: InstructionRow) => String(rowContent(one));
const sum = (rows: readonly InstructionRow[]) =>
  String(rows.reduce((all, one) => all.add(rowContent(one)), new Content()));

describe('the content of an instruction', () => {
  test('is 16 hex digits, and never changes, since journals have it', () => {
    expect(String(Content.of(''))).toMatch(/^[0-9a-f]{16}$/);
    expect(String(transferContent({ stock: '00005', quantity: 400, fromAccount: '01', toAccount: '03' }))).toBe(
      String(Content.of('ATI|00005|400|01|03')),
    );
    expect(String(Content.of('SI|D|00005|400|B09902|01|FOP||0|2021-07-27|N'))).toBe('3d8b42964ff610d0');
  });

  test('does not depend on reference, ISIN and narrative', () => {
    fc.assert(
      fc.property(row, fc.string(), (one, other) => {
        expect(text({ ...one, reference: other, isin: other, narrative: other })).toBe(text(one));
      }),
    );
  });

  test('differs where any other member does', () => {
    const MEANING = [
      ...(['side', 'stock', 'quantity', 'counterparty', 'account', 'payment'] as const),
      ...(['currency', 'amountCents', 'settlementDate', 'hold'] as const),
    ];
    fc.assert(
      fc.property(row, row, fc.constantFrom(...MEANING), (one, other, member) => {
        fc.pre(one[member] !== other[member]);
        expect(text({ ...one, [member]: other[member] })).not.toBe(text(one));
      }),
    );
  });

  test('of the SI in the books is that of its row', () => {
    fc.assert(
      fc.property(row, (one) => {
        const { side, currency, hold, isin: _, ...same } = one;
        const instruction: SettlementInstruction = {
          ...same,
          ...{ number: 'D00000001', participant: 'B09901', user: 'MAKER01', status: 'unmatched' },
          ...{ inputAt: 0, inputDate: '2021-07-24', batch: null },
          side: side === 'D' ? 'deliver' : 'receive',
          payment: one.payment === 'FOP' ? 'FOP' : one.payment === 'DVP' ? 'DVP' : 'RDP',
          currency: currency === 'HKD' ? 'HKD' : currency === 'CNY' ? 'CNY' : null,
          hold: hold === 'Y',
        };
        expect(String(instructionContent(instruction))).toBe(text(one));
      }),
    );
  });

  test('of a file does not depend on the order of its rows, but on how often each is there', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), fc.nat(), (rows, seed) => {
        const turned = rows.map((_, place) => rows[(place + seed) % rows.length] ?? rows[0]) as InstructionRow[];
        expect(sum(turned)).toBe(sum(rows));
        expect(sum([...rows, ...rows.slice(0, 1)])).not.toBe(sum(rows));
      }),
    );
  });

  test('a sum carries over 32 bits and wraps at 64', () => {
    const parts = Array.from({ length: 1_000 }, (_, n) => Content.of(String(n)));
    const expected = parts.reduce((all, one) => (all + BigInt(`0x${one}`)) % 2n ** 64n, 0n);
    const added = parts.reduce((all, one) => all.add(one), new Content());
    expect(String(added)).toBe(expected.toString(16).padStart(16, '0'));
  });

  test('two hundred thousand rows that differ in one digit have as many digests', () => {
    const digests = new Set<string>();
    for (let quantity = 1; quantity <= 200_000; quantity++) {
      digests.add(String(Content.of(`SI|D|00005|${quantity}|B09902|01|FOP||0|2021-07-27|N`)));
    }
    expect(digests.size).toBe(200_000);
  });
});
