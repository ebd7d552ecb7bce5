import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FILE_FAULT_CODES, ROW_REASON_CODES } from '../../src/domain/settlement/batch.ts';
import type { Harness } from '../../src/harness/options.ts';
import { batchFile, FIXTURES, outcomeOf } from '../support/batch-files.ts';
import type { Batch, Client } from '../support/client.ts';
import { batchesDone, inSession1, noted, onTheLine } from '../support/rehearsal.ts';
import { batchFixture, ROW } from '../support/shipped-layouts.ts';

/** Every file of fixtures/batches, as its sender B09901 meets it in session 1, one after the other on the same books, in any order. */
let harness: Harness;
let client: Client;
beforeAll(async () => {
  harness = await inSession1();
  client = onTheLine(harness);
  await client.logon();
});
afterAll(async () => {
  client.close();
  await harness.stop();
});

/** Uploads and waits until the batch is done. */
async function sent(file: Buffer): Promise<string> {
  const answer = await client.upload(file);
  expect(answer.status, answer.body.toString()).toBe(202);
  await batchesDone(harness.control);
  return answer.json<Batch>().reference;
}

describe('good files', () => {
  test.each(FIXTURES.good)('$file: $shows', async ({ file, records }) => {
    const before = (await client.instructions()).length;
    const { batch, report } = await outcomeOf(client, await sent(batchFixture(file)));
    expect(batch).toMatchObject({
      status: 'processed',
      records,
      done: records,
      accepted: records,
      refused: 0,
      fault: null,
    });
    expect(report.header).toMatchObject({
      ...{ participant: 'B09901', businessDate: '2021-07-24', sequence: batch.sequence, batch: batch.reference },
      ...{ batchFileId: 'ZSIUP01', outcome: 'P', code: '', faultLine: 0 },
    });
    expect(report.trailer).toMatchObject({ accepted: records, refused: 0 });
    expect(report.details.map((row) => row.line)).toEqual(Array.from({ length: records ?? 0 }, (_, n) => n + 2));
    const instructions = (await client.instructions()).slice(before);
    expect(instructions.map((row) => [row.number, row.reference, row.status, row.batch])).toEqual(
      report.details.map((row) => [row.number, row.reference, 'unmatched', batch.reference]),
    );
    expect(report.text).toMatch(/^ACCEPTED: \d+\r?$/m);
  });
});

describe('bad files', () => {
  test('there is one for each way to be refused', () => {
    const codes = new Set(FIXTURES.bad.map((fixture) => fixture.code));
    expect([...FILE_FAULT_CODES, ...ROW_REASON_CODES].filter((code) => !codes.has(code))).toEqual([]);
  });

  test.each(FIXTURES.bad.filter(({ after, code }) => !after && code !== 'WRONG_PARTICIPANT' && code))(
    '$code: $file, $shows',
    async ({ file, discards, code, line = 0, columns, accepted = 0, refused = 0 }) => {
      const before = await client.instructions();
      const { batch, report } = await outcomeOf(client, await sent(batchFixture(file)));
      if (discards) {
        expect(batch).toMatchObject({ status: 'discarded', accepted: 0, refused: 0, fault: { code, line } });
        if (columns) expect(batch.fault?.columns).toEqual(columns);
        expect(batch.fault?.says.en).toMatch(/again|Log on as|and send it/);
        expect(batch.fault?.says.zh).toMatch(/[一-鿿]/);
        expect(batch.fault?.expected).not.toBe('');
        expect(report.header).toMatchObject({ outcome: 'D', code, faultLine: line, batch: batch.reference });
        expect([report.details, report.trailer]).toMatchObject([[], { accepted: 0, refused: 0 }]);
        expect(report.text).toMatch(new RegExp(`WHOLE FILE DISCARDED *: ${code}`));
        expect(await client.instructions()).toEqual(before);
        return;
      }
      expect(batch).toMatchObject({ status: 'processed', records: accepted + refused, accepted, refused, fault: null });
      expect(report.header).toMatchObject({ outcome: 'P', code: '' });
      expect(report.details.filter((row) => row.outcome === 'R')).toMatchObject([{ line, reason: code, number: '' }]);
      expect(report.trailer).toMatchObject({ accepted, refused });
      const fresh = (await client.instructions()).slice(before.length);
      expect(fresh.map((row) => row.number)).toEqual(
        report.details.filter((row) => row.outcome === 'A').map((row) => row.number),
      );
    },
  );

  test.each(FIXTURES.bad.filter(({ after, code }) => after || code === 'WRONG_PARTICIPANT'))(
    '$code (WRONG_PARTICIPANT, SEQUENCE_USED): $file, $shows, answered at once',
    async ({ file, after, code }) => {
      await using own = await inSession1();
      using sender = onTheLine(own);
      await sender.logon();
      if (after) await sender.upload(batchFixture(after));
      await batchesDone(own.control);
      const before = (await sender.ask('/ccass/v1/batches')).body.toString();
      const answer = await sender.upload(batchFixture(file));
      expect([answer.status, answer.json().code]).toEqual([code === 'SEQUENCE_USED' ? 409 : 403, code]);
      expect((await sender.ask('/ccass/v1/batches')).body.toString()).toBe(before);
    },
  );
});

test('all that happened to a batch stands in the journal: kept, reports, done', async () => {
  const after = (await harness.control.journal({ limit: 1 })) as { last: number };
  const reference = await sent(batchFile([{}, { stock: '99999' }], { sequence: '0900' }));
  const kinds = ['upload', 'report', 'batch'] as const;
  const entries = await noted(harness.control, { kinds, after: after.last, participant: 'B09901' }, 4);
  expect(entries.map(({ kind }) => kind).sort()).toEqual(['batch', 'report', 'report', 'upload']);
  expect(entries.every((entry) => entry.detail.batch === reference && entry.user === 'MAKER01')).toBe(true);
  expect(entries.find(({ kind }) => kind === 'batch')?.detail).toMatchObject({
    ...{ status: 'processed', accepted: 1, refused: 1 },
    firstRefused: [{ line: 3, reason: 'UNKNOWN_STOCK' }],
  });
});

test('the input limit is that of the user who sends the file', async () => {
  // 500 million HKD is MAKER01's; CHECK01 has none.
  const dear = { ...ROW, amountCents: 50_000_000_001 };
  const { report } = await outcomeOf(
    client,
    await sent(
      batchFile(
        [dear, { ...dear, amountCents: 50_000_000_000 }].map((row, n) => ({ ...row, reference: `L${n}` })),
        { sequence: '0901' },
      ),
    ),
  );
  expect(report.details.map((row) => row.reason)).toEqual(['OVER_LIMIT', '']);
  using checker = onTheLine(harness);
  await checker.logon({ user: 'CHECK01' });
  const answer = await checker.upload(batchFile([{ ...dear, reference: 'L2' }], { sequence: '0902' }));
  await batchesDone(harness.control);
  expect(await checker.batch(answer.json<Batch>().reference)).toMatchObject({ accepted: 1, refused: 0 });
});

test('a batch of many commits: numbers without gaps, rows in file order, and the status tells how far it is', async () => {
  const rows = 9_000;
  const reference = await sent(batchFile(rows, { sequence: '0903' }));
  const { batch, report } = await outcomeOf(client, reference);
  expect(batch).toMatchObject({ status: 'processed', records: rows, done: rows, accepted: rows });
  const mine = (await client.instructions()).filter((row) => row.batch === reference);
  expect(mine.map((row) => row.reference)).toEqual(Array.from({ length: rows }, (_, n) => `0903-${n + 1}`));
  const first = Number(mine[0]?.number.slice(1));
  expect(mine.map((row) => row.number)).toEqual(mine.map((_, n) => `D${String(first + n).padStart(8, '0')}`));
  expect(report.details.map((row) => row.number)).toEqual(mine.map((row) => row.number));
});

test('both centres have it: the standby’s books are the same', async () => {
  const { centres } = (await harness.control.state({})) as {
    centres: Record<string, { instructions: number; position: unknown }>;
  };
  expect(centres.primary?.instructions).toBe(centres.backup?.instructions);
  expect(centres.primary?.position).toEqual(centres.backup?.position);
});
