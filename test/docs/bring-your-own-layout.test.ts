import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isRefusal } from '../../src/domain/refusal.ts';
import { startHarness } from '../../src/harness/harness.ts';
import { compileLayout } from '../../src/wire/layout.ts';
import { batchFile } from '../support/batch-files.ts';
import type { Batch, Instruction, Rows } from '../support/client.ts';
import { documentText } from '../support/doc-tables.ts';
import { batchesDone, inSession1, onTheLine } from '../support/rehearsal.ts';
import { HEADER, ROW, written } from '../support/shipped-layouts.ts';

/** docs/bring-your-own-layout.md, step by step, with the very layout that it shows. */
const page = documentText('docs/bring-your-own-layout.md');
const json = /```json my\/layouts\/ZSIUP01\.json\n([\s\S]*?)\n```/.exec(page)?.[1] ?? '';
let layouts: string;

beforeAll(async () => {
  layouts = await mkdtemp(join(tmpdir(), 'own-layouts-'));
});
afterAll(() => rm(layouts, { recursive: true }));

const brought = (text: string) => writeFile(join(layouts, 'ZSIUP01.json'), text);

test('a file of the layout is taken, one of the package’s is not, and faults are told at its positions', async () => {
  await brought(json);
  const own = compileLayout(JSON.parse(json));
  if (isRefusal(own)) throw new Error(own.detail.en);
  const narrative = 'sixty characters of narrative, which the package has not, ok';
  const rows = [{ ...ROW, reference: 'OWN-1', narrative }];
  const good = written(own, { ...HEADER, sequence: '0001' }, rows);
  const wrongDate = written(own, { ...HEADER, sequence: '0002', businessDate: '2021-07-23' }, rows);

  await using harness = await inSession1({ layouts });
  using client = onTheLine(harness);
  await client.logon();
  const outcome = async (file: Buffer): Promise<Batch> => {
    const kept = await client.upload(file);
    expect(kept.status).toBe(202);
    await batchesDone(harness.control);
    return (await client.ask(`/ccass/v1/batches/${kept.json<Batch>().reference}`)).json<Batch>();
  };
  expect(await outcome(good)).toMatchObject({ status: 'processed', accepted: 1, refused: 0 });
  const [si] = (await client.ask('/ccass/v1/settlement-instructions')).json<Rows<Instruction>>().rows;
  expect(si).toMatchObject({ reference: 'OWN-1', narrative });
  expect((await outcome(wrongDate)).fault).toMatchObject({ code: 'WRONG_DATE', line: 1, columns: [15, 22] });
  expect((await outcome(batchFile(1, { sequence: '0003' }))).fault).toMatchObject({ code: 'RECORD_LENGTH', line: 1 });
});

test.each([
  ['a gap', json.replace('"from": 23, "to": 34', '"from": 24, "to": 34'), /isin|position|gap/],
  ['a rule about a field that is not there', json.replace('"hashOf": "quantity"', '"hashOf": "shares"'), /shares/],
  ['a field that the business needs and the layout lacks', json.replace('"narrative"', '"remarks"'), /narrative/],
])('%s is named at the start', async (_, text, words) => {
  expect(text).not.toBe(json);
  await brought(text);
  await expect(startHarness({ layouts })).rejects.toThrow(words);
});
