import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { HarnessOptions } from '../../src/harness/options.ts';
import { batchFile } from '../support/batch-files.ts';
import { answered, batchesDone, FULL, noted, onTheLine } from '../support/rehearsal.ts';

const MONDAY = { at: instant('2021-07-26T10:00'), clock: 'frozen', rehearsal: 'always-open', seed: 7 } as const;
const file = batchFile(3, { participant: 'B09901', businessDate: '2021-07-26', sequence: '0001' });

/** A data folder that a harness was stopped in, and what its client had seen. */
let whole: string;
let seen: Awaited<ReturnType<typeof look>>;
let root: string;
let folders = 0;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ccass-damage-'));
  whole = join(root, 'whole');
  await using harness = await startHarness({ ...MONDAY, data: whole });
  using client = onTheLine(harness);
  await client.logon();
  await client.upload(file);
  await batchesDone(harness.control);
  seen = await look(harness);
});
afterAll(() => rmSync(root, { recursive: true }));

function copyOfWhole(): string {
  const data = join(root, String(++folders));
  cpSync(whole, data, { recursive: true });
  return data;
}

const start = (data: string, more: HarnessOptions = {}) => startHarness({ data, ...more });

/** What a client sees at the active centre, and whether the other one has the same books. */
async function look(harness: Awaited<ReturnType<typeof startHarness>>) {
  using client = onTheLine(harness);
  await client.logon({ takeOver: true });
  const reports = (await client.ask('/ccass/v1/reports?id=ZSICR01')).json<{ rows: { reference: string }[] }>().rows;
  const texts = [];
  for (const { reference } of reports) texts.push((await client.ask(`/ccass/v1/reports/${reference}`)).body);
  const books = answered(await harness.control.books({}));
  return { instructions: await client.instructions(), texts, equal: books.equal };
}

function flip(path: string, at: number, bit = 0): void {
  const bytes = readFileSync(path);
  const byte = bytes[at];
  if (byte === undefined) throw new Error(`${path} has no byte ${at}`);
  bytes[at] = byte ^ (1 << bit);
  writeFileSync(path, bytes);
}

/** Changes a byte of the last row that says this, wherever SQLite put it. */
function change(path: string, text: string, to: string): void {
  const bytes = readFileSync(path);
  const at = bytes.lastIndexOf(text);
  if (at < 0) throw new Error(`${path} does not say ${text}`);
  bytes.write(to, at);
  writeFileSync(path, bytes);
}

describe('a change log that is damaged', () => {
  const DAMAGE: Record<string, (file: string) => void> = {
    'one figure of a row': (path) => change(path, '"quantity":400', '"quantity":401'),
    'a flipped bit in its head': (path) => flip(path, 3),
    'a flipped bit in its schema': (path) => change(path, 'CREATE TABLE entry', 'CREATE TABLE entrx'),
    'cut to half': (path) => writeFileSync(path, readFileSync(path).subarray(0, statSync(path).size / 2)),
    emptied: (path) => writeFileSync(path, ''),
    deleted: (path) => rmSync(path),
  };

  for (const centre of ['primary', 'backup'] as const) {
    const other = centre === 'primary' ? 'backup' : 'primary';
    test.each(Object.keys(DAMAGE))(`%s, at the ${centre}, is rebuilt from the other centre`, async (name) => {
      const data = copyOfWhole();
      const path = join(data, centre, 'changes.sqlite');
      DAMAGE[name]?.(path);
      const was = existsSync(path) ? readFileSync(path) : null;
      await using harness = await start(data);
      expect(await look(harness)).toEqual({ ...seen, equal: true });
      const fate = was ? `${path} was damaged and is now ${path}.damaged-1` : `${path} was missing`;
      const words = `the change log of the ${centre} centre was restored from the ${other} centre's: ${fate}`;
      expect(harness.recovered).toContain(words);
      if (was) expect(readFileSync(`${path}.damaged-1`)).toEqual(was);
      const [healed] = await noted(harness.control, { kinds: ['healed'] });
      expect(healed).toMatchObject({ centre, detail: { what: 'log', file: path, from: other } });
    });
  }

  test('at both centres is refused, which names both files; --accept-loss goes on with what is whole', async () => {
    const data = copyOfWhole();
    const [one, two] = [join(data, 'primary', 'changes.sqlite'), join(data, 'backup', 'changes.sqlite')];
    for (const path of [one, two]) change(path, '"quantity":400', '"quantity":401');
    for (let times = 0; times < 2; times++) {
      await expect(start(data)).rejects.toThrow(
        new RegExp(
          `^${one} is damaged: commit \\d+ is not as it was written; ${two} is damaged: .*Restore ${one} or ${two} from a copy, or start again with --accept-loss: the books then go on from 1:\\d+`,
        ),
      );
    }
    await using harness = await start(data, { acceptLoss: true });
    // The row was of the batch, which goes on from the commit before.
    await batchesDone(harness.control);
    const { instructions, equal } = await look(harness);
    expect({ instructions, equal }).toEqual({ instructions: seen.instructions, equal: true });
    expect(harness.recovered.filter((line) => line.includes('was restored from'))).toHaveLength(2);
  });

  test('that had acknowledged what the other lacks by a lag is refused, and says how much would be lost', async () => {
    const data = join(root, String(++folders));
    {
      await using harness = await startHarness({ ...MONDAY, data, lagMs: 600_000 });
      using client = onTheLine(harness);
      await client.logon();
      // A clean stop ships what waits, so the folder is copied as a crash would leave it.
      await client.upload(file);
      await batchesDone(harness.control);
      cpSync(data, `${data}-crashed`, { recursive: true });
    }
    const crashed = `${data}-crashed`;
    rmSync(join(crashed, 'lock'));
    const path = join(crashed, 'primary', 'changes.sqlite');
    for (const end of ['', '-wal']) if (existsSync(path + end)) damageSqlite(path + end);
    await expect(start(crashed)).rejects.toThrow(
      /would be lost\. Restore .*primary\/changes\.sqlite from a copy, or start again with --accept-loss/,
    );
    await using harness = await start(crashed, { acceptLoss: true, lagMs: 0 });
    expect((await look(harness)).equal).toBe(true);
  });
});

/** So that nothing of it can be read. */
function damageSqlite(path: string): void {
  writeFileSync(path, Buffer.alloc(statSync(path).size, 0x2a));
}

describe('a stored file that is damaged', () => {
  const reportFile = (data: string, centre: string) => {
    const blobs = join(data, centre, 'blobs');
    const name = readdirSync(blobs).find(
      (each) => readFileSync(join(blobs, each)).toString() === String(seen.texts[0]),
    );
    return join(blobs, name ?? 'none');
  };

  test.each(['changed', 'missing'] as const)('%s, is served whole, from the other centre', async (how) => {
    const data = copyOfWhole();
    const path = reportFile(data, 'primary');
    if (how === 'changed') flip(path, 10);
    else rmSync(path);
    await using harness = await start(data);
    expect(await look(harness)).toEqual({ ...seen, equal: true });
    const [healed] = await noted(harness.control, { kinds: ['healed'] });
    expect(healed).toMatchObject({ centre: 'primary', detail: { what: 'blob', file: path, from: 'backup' } });
    expect(readFileSync(path, 'utf8')).toBe(String(seen.texts[0]));
  });

  test('at both centres, is refused by name (FILE_DAMAGED), and others are served', async () => {
    const data = copyOfWhole();
    for (const centre of ['primary', 'backup']) flip(reportFile(data, centre), 10);
    await using harness = await start(data);
    using client = onTheLine(harness);
    await client.logon();
    const reports = (await client.ask('/ccass/v1/reports?id=ZSICR01')).json<{ rows: { reference: string }[] }>().rows;
    const answers = [];
    for (const { reference } of reports) answers.push(await client.ask(`/ccass/v1/reports/${reference}`));
    const refused = answers.find(({ status }) => status === 503);
    expect(refused?.json()).toMatchObject({ code: 'FILE_DAMAGED' });
    expect(answers.filter(({ status }) => status === 200).length).toBe(answers.length - 1);
  });
});

test('an acknowledged batch whose file is lost at both centres waits for it, holds up no other, and goes on when it comes again', async () => {
  const data = copyOfWhole();
  // As a crash leaves it that comes between the acknowledgement and the first commit of the batch.
  const sha256 = createHash('sha256').update(file).digest('hex');
  for (const centre of ['primary', 'backup']) {
    rmSync(join(data, centre, 'changes.sqlite-head'));
    using db = new DatabaseSync(join(data, centre, 'changes.sqlite'));
    db.exec('DELETE FROM entry WHERE idx > (SELECT min(idx) FROM entry WHERE changes LIKE \'%"table":"batch"%\')');
    flip(join(data, centre, 'blobs', sha256), 0);
  }
  await using harness = await start(data);
  using client = onTheLine(harness);
  await client.logon();
  const later = batchFile(2, { participant: 'B09901', businessDate: '2021-07-26', sequence: '0002' });
  const { reference } = (await client.upload(later)).json<{ reference: string }>();
  await batchesDone(harness.control);
  expect(await client.batch(reference)).toMatchObject({ status: 'processed', accepted: 2 });
  expect(await client.batch('U00000000001')).toMatchObject({ status: 'received', done: 0 });
  const [error] = await noted(harness.control, { kinds: ['error'] });
  expect(error).toMatchObject({
    participant: 'B09901',
    detail: { what: 'a batch could not be processed', says: expect.stringContaining(`restore ${data}/primary/blobs/`) },
  });
  const again = await client.upload(file);
  expect([again.status, again.json<{ reference: string }>().reference]).toEqual([200, 'U00000000001']);
  await batchesDone(harness.control);
  expect(await client.batch('U00000000001')).toMatchObject({ status: 'processed', accepted: 3 });
  expect(answered(await harness.control.books({})).equal).toBe(true);
});

test('a folder of harness 0.1 is taken over: its log gets checksums, its files are no longer shared', async () => {
  const data = copyOfWhole();
  const { sha256: _, ...record } = JSON.parse(readFileSync(join(data, 'harness.json'), 'utf8'));
  writeFileSync(join(data, 'harness.json'), JSON.stringify(record));
  rmSync(join(data, 'backup', 'harness.json'));
  for (const name of readdirSync(join(data, 'backup', 'blobs'))) {
    rmSync(join(data, 'backup', 'blobs', name));
    linkSync(join(data, 'primary', 'blobs', name), join(data, 'backup', 'blobs', name));
  }
  for (const centre of ['primary', 'backup']) {
    rmSync(join(data, centre, 'changes.sqlite-head'));
    using db = new DatabaseSync(join(data, centre, 'changes.sqlite'));
    db.exec("ALTER TABLE entry DROP COLUMN link; UPDATE meta SET value = '1' WHERE name = 'format'");
  }
  {
    await using harness = await start(data);
    expect(await look(harness)).toEqual({ ...seen, equal: true });
  }
  change(join(data, 'primary', 'changes.sqlite'), '"quantity":400', '"quantity":401');
  for (const name of readdirSync(join(data, 'backup', 'blobs'))) flip(join(data, 'primary', 'blobs', name), 0);
  await using harness = await start(data);
  expect(await look(harness)).toEqual({ ...seen, equal: true });
});

describe('the record of the harness', () => {
  const DAMAGE: Record<string, (path: string) => void> = {
    garbled: (path) => writeFileSync(path, '{"seed":'),
    changed: (path) => change(path, '"seed": 7', '"seed": 8'),
    deleted: (path) => rmSync(path),
    'replaced by a folder': (path) => {
      rmSync(path);
      mkdirSync(path);
    },
  };
  const cases = ['harness.json', 'backup/harness.json'].flatMap((name) =>
    Object.keys(DAMAGE).map((how) => [name, how] as const),
  );
  test.each(cases)('%s, %s, is restored from the other copy', async (name, how) => {
    const data = copyOfWhole();
    const path = join(data, name);
    DAMAGE[how]?.(path);
    await using harness = await start(data);
    expect(harness.seed).toBe(7);
    expect(await look(harness)).toEqual({ ...seen, equal: true });
    const fate = how === 'deleted' ? 'was missing' : `was damaged and is now ${path}.damaged-1`;
    expect(harness.recovered).toContain(`the record of the harness was restored from its copy: ${path} ${fate}`);
    expect(await noted(harness.control, { kinds: ['healed'] })).toHaveLength(1);
    expect(JSON.parse(readFileSync(path, 'utf8')).seed).toBe(7);
  });

  test('lost with its copy, is refused; --accept-loss goes on with the books and the options', async () => {
    const data = copyOfWhole();
    rmSync(join(data, 'harness.json'));
    writeFileSync(join(data, 'backup', 'harness.json'), 'null');
    for (let times = 0; times < 2; times++) {
      await expect(start(data)).rejects.toThrow(
        /harness\.json is missing or damaged, and so is its copy .*, but the books are there\. Put one of them back, or start again with --accept-loss/,
      );
    }
    await using harness = await start(data, { ...MONDAY, acceptLoss: true });
    expect(await look(harness)).toEqual({ ...seen, equal: true });
  });
});

describe('the write-ahead log that a crash leaves', () => {
  /** The data folder as it is while the harness runs: what kill -9 leaves. */
  let crashed: string;
  let acknowledged: number;
  beforeAll(async () => {
    const live = join(root, String(++folders));
    crashed = join(root, String(++folders));
    await using harness = await startHarness({ ...MONDAY, data: live });
    using client = onTheLine(harness);
    await client.logon();
    await client.upload(file);
    await batchesDone(harness.control);
    acknowledged = answered(await harness.control.books({})).centres.primary.position.index;
    cpSync(live, crashed, { recursive: true });
    rmSync(join(crashed, 'lock'));
  });

  const DAMAGE: Record<string, (wal: string) => void> = {
    deleted: (wal) => rmSync(wal),
    emptied: (wal) => writeFileSync(wal, ''),
    'cut in the middle': (wal) => writeFileSync(wal, readFileSync(wal).subarray(0, statSync(wal).size / 2)),
    'with a flipped bit at its start': (wal) => flip(wal, 100),
    'with a flipped bit in its last commit': (wal) => flip(wal, statSync(wal).size - 2_000),
  };
  const damagedCopy = (name: string, centres: readonly ('primary' | 'backup')[]) => {
    const data = join(root, String(++folders));
    cpSync(crashed, data, { recursive: true });
    const logs = centres.map((centre) => join(data, centre, 'changes.sqlite'));
    for (const log of logs) DAMAGE[name]?.(`${log}-wal`);
    return { data, logs };
  };

  for (const centre of ['primary', 'backup'] as const) {
    const names = Object.keys(DAMAGE).filter((name) => centre === 'primary' || name === 'cut in the middle');
    test.each(names)(`%s, at the ${centre}: the log is rebuilt from the other centre`, async (name) => {
      const { data, logs } = damagedCopy(name, [centre]);
      const [log = ''] = logs;
      const wal = existsSync(`${log}-wal`) ? readFileSync(`${log}-wal`) : null;
      await using harness = await start(data);
      expect(await look(harness)).toEqual({ ...seen, equal: true });
      expect(harness.recovered).toContainEqual(
        expect.stringContaining(`the change log of the ${centre} centre was restored from the `),
      );
      if (wal) expect(readFileSync(`${log}.damaged-1-wal`)).toEqual(wal);
    });
  }

  test.each(Object.keys(DAMAGE))('%s, at both centres: refused, with how much would be lost', async (name) => {
    const { data, logs } = damagedCopy(name, ['primary', 'backup']);
    const why = (log = '') =>
      `${log} is damaged: it ends with commit \\d+, before commit 1:${acknowledged}, which was acknowledged`;
    const some = `It was acknowledged up to commit 1:${acknowledged}, and the other centre has no more than 1:\\d+: \\d+ commits would be lost\\. Restore .*--accept-loss`;
    const all = `Nothing of the books, which were acknowledged up to commit 1:${acknowledged}, can be read at either centre\\. Restore `;
    const refusal = new RegExp(`^${why(logs[0])}; ${why(logs[1])}\\. (${some}|${all})`);
    const first = await start(data).catch((error: Error) => error.message);
    expect(first).toMatch(refusal);
    await expect(start(data), 'the refusal changed something').rejects.toThrow(String(first));
    if (String(first).includes('Nothing of the books')) return;
    await using harness = await start(data, { acceptLoss: true });
    expect((await look(harness)).equal).toBe(true);
  });

  test('is no damage where a crash broke off what was never acknowledged', async () => {
    const data = join(root, String(++folders));
    cpSync(crashed, data, { recursive: true });
    // Half a frame, as a process leaves it that ends while it writes.
    for (const centre of ['primary', 'backup']) {
      const wal = join(data, centre, 'changes.sqlite-wal');
      writeFileSync(wal, Buffer.concat([readFileSync(wal), Buffer.alloc(2_000, 7)]));
    }
    await using harness = await start(data);
    expect(await look(harness)).toEqual({ ...seen, equal: true });
    expect(harness.recovered.filter((line) => line.includes('restored'))).toEqual([]);
  });
});

test('whichever bit of the data folder flips, a start has the same books or names the file', {
  timeout: 300_000,
}, async () => {
  const files = readdirSync(whole, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/certs|journal/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name).slice(whole.length + 1));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      fc.nat(7),
      async (name, place, bit) => {
        const data = copyOfWhole();
        const path = join(data, name);
        flip(path, Math.floor(place * statSync(path).size), bit);
        await using harness = await start(data);
        expect(await look(harness)).toEqual({ ...seen, equal: true });
        rmSync(data, { recursive: true });
      },
    ),
    { numRuns: FULL ? 200 : 12 },
  );
});
