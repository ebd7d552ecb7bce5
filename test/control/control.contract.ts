import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTROL, type Control, type ControlAnswer, type ControlOperation } from '../../src/control/control.ts';
import { instant } from '../../src/domain/calendar/calendar.ts';
import type { JournalEntry } from '../../src/domain/journal/journal.ts';
import { isRefusal, type Refusal, type RefusalCode } from '../../src/domain/refusal.ts';

export interface ControlSubject {
  /** A new harness: rehearsal 2021-07-24, frozen at 16:25 that day, the primary active, B09901 registered. */
  readonly control: Control;
  close(): Promise<void>;
}

/** Holds for every Control, in process and over HTTP. The cases run in order on one harness, as a tester's day does. */
export function controlContract(name: string, open: () => Promise<ControlSubject>) {
  describe(`Control: ${name}`, { shuffle: false }, () => {
    let subject: ControlSubject;
    let control: Control;
    beforeAll(async () => {
      subject = await open();
      control = subject.control;
    });
    afterAll(() => subject.close());

    it('answers its state', async () => {
      const state = described('state', await control.state({}));
      expect(state).toMatchObject({
        product: 'ccass-harness',
        simulated: true,
        rehearsal: '2021-07-24',
        active: 'primary',
      });
      expect(state.market).toMatchObject({
        at: instant('2021-07-24T16:25'),
        hongKong: '2021-07-24 16:25:00 HKT',
        mode: 'frozen',
      });
      expect([state.centres.primary.active, state.centres.backup.active]).toEqual([true, false]);
      expect(state.open).toBe(false);
      expect(state.next).toMatchObject({ at: instant('2021-07-24T16:30'), centre: 'backup' });
    });

    it('answers the rehearsal and its coming events', async () => {
      const rehearsal = described('rehearsal', await control.rehearsal({}));
      expect(rehearsal.id).toBe('2021-07-24');
      expect(rehearsal.sessions[0]).toMatchObject({ from: instant('2021-07-24T16:30'), centre: 'backup' });
      expect(rehearsal.coming[0]?.at).toBeGreaterThan(instant('2021-07-24T16:25'));
    });

    it('moves market time forward and lists the alarms that fired', async () => {
      const moved = described('clock', await control.clock({ advanceMs: 60_000 }));
      expect(moved).toMatchObject({ at: instant('2021-07-24T16:26'), mode: 'frozen', fired: [] });
      const set = described('clock', await control.clock({ set: '2021-07-24T16:27' }));
      expect(set.hongKong).toBe('2021-07-24 16:27:00 HKT');
      const zoned = described('clock', await control.clock({ set: '2021-07-24T08:28Z' }));
      expect(zoned.hongKong).toBe('2021-07-24 16:28:00 HKT');
    });

    it('refuses to turn market time back, and leaves it unchanged (CLOCK_BACKWARDS)', async () => {
      const answer = refused(await control.clock({ set: '2021-07-24T10:00' }), 'CLOCK_BACKWARDS');
      expect(answer.detail.en).not.toBe('');
      expect(answer.detail.zh).toMatch(/[一-鿿]/);
      expect(described('state', await control.state({})).market.hongKong).toBe('2021-07-24 16:28:00 HKT');
    });

    it('refuses a time that is not valid (BAD_REQUEST)', async () => {
      refused(await control.clock({ set: 'tea time' }), 'BAD_REQUEST');
    });

    it('refuses a time more than ten years ahead, whose every day would be played (BAD_REQUEST)', async () => {
      const answer = refused(await control.clock({ set: '9999-12-31' }), 'BAD_REQUEST');
      expect(answer.detail.en).toContain('Name a time up to 2031-08-01 16:28 HKT');
      expect(answer.detail.zh).toMatch(/[一-鿿]/);
      expect(described('state', await control.state({})).market.hongKong).toBe('2021-07-24 16:28:00 HKT');
    });

    it('switches the centre in a new epoch, once (ALREADY_ACTIVE)', async () => {
      const before = described('state', await control.state({}));
      const answer = described('failover', await control.failover({ to: 'backup' }));
      expect(answer).toMatchObject({ from: 'primary', to: 'backup', mode: 'drain', epoch: before.epoch + 1, lost: [] });
      const after = described('state', await control.state({}));
      expect(after).toMatchObject({ active: 'backup', epoch: answer.epoch });
      refused(await control.failover({ to: 'backup' }), 'ALREADY_ACTIVE');
      const { entries } = described('journal', await control.journal({ kinds: 'switch' }));
      expect(entries).toHaveLength(1);
    });

    it('opens with the session', async () => {
      const moved = described('clock', await control.clock({ advanceTo: 'next-opening' }));
      expect(moved.at).toBe(instant('2021-07-24T16:30'));
      expect(moved.fired.map((fired) => fired.at)).toContain(instant('2021-07-24T16:30'));
      expect(described('state', await control.state({})).open).toBe(true);
    });

    it('answers whether the books of both centres are equal, and their positions', async () => {
      const { equal, centres } = described('books', await control.books({}));
      expect(equal).toBe(true);
      expect(centres.backup).toEqual(centres.primary);
      expect(centres.primary.digest).toMatch(/^[0-9a-f]{64}$/);
    });

    it('sets the lag', async () => {
      expect(described('lag', await control.lag({ lagMs: 1500 })).lagMs).toBe(1500);
      expect(described('state', await control.state({})).lagMs).toBe(1500);
    });

    it('registers participants and removes the registration', async () => {
      const out = described('register', await control.register({ participant: 'B09901', registered: false }));
      expect(out.notRegistered).toContain('B09901');
      expect(out.registered).not.toContain('B09901');
      described('register', await control.register({ participant: 'B09901', registered: true }));
      expect(described('registration', await control.registration({})).registered).toContain('B09901');
      refused(await control.register({ participant: 'Q99999', registered: true }), 'NOT_FOUND');
    });

    it('broadcasts', async () => {
      const words = { en: 'Backup centre activated', zh: '後備中心已啟動' };
      const sent = described('broadcast', await control.broadcast({ kind: 'activation', subject: words, text: words }));
      expect(sent).toMatchObject({ kind: 'activation', subject: words });
      const plain = described('broadcast', await control.broadcast({ subject: words, text: words }));
      expect(plain.kind).toBe('notice');
      expect(plain.number).not.toBe(sent.number);
    });

    it('lists reports', async () => {
      described('reports', await control.reports({}));
      const { reports } = described('reports', await control.reports({ participant: 'B09901' }));
      expect(reports.filter((report) => report.participant !== 'B09901' && report.participant !== 'COMMON')).toEqual(
        [],
      );
      described('reports', await control.reports({ participant: 'COMMON' }));
      // An empty list would look like an answer.
      refused(await control.reports({ participant: 'B0990' }), 'NOT_FOUND');
      refused(await control.trades({ participant: 'B0990' }), 'NOT_FOUND');
    });

    it("publishes a tester's file as a report and withdraws it", async () => {
      const place = { id: 'CIPSI02', participant: 'B09901', businessDate: '2021-07-23', format: 'data' } as const;
      const content = Buffer.from('0B09901CIPSI02').toString('base64');
      const custom = described('publishReport', await control.publishReport({ ...place, content }));
      expect(custom).toMatchObject({ ...place, sizeBytes: 14, inPlaceOf: null });
      described('reports', await control.reports({ participant: 'B09901' }));
      const gone = described('withdrawReport', await control.withdrawReport(place));
      expect(gone).toEqual({ reference: custom.reference, restored: false });
      refused(await control.publishReport({ ...place, businessDate: '2021-02-30', content }), 'BAD_REQUEST');
    });

    it('registers a key of a RAP user, lists and withdraws it', async () => {
      const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEJYk1u6ZpyZC+AfNmOhJlXyMeJrdS+GvXC4dqcPGU6H the new key';
      const request = { participant: 'B09901', publicKey, from: '2021-07-24T16:30', until: '2021-08-31' };
      const key = described('addRapKey', await control.addRapKey(request));
      expect(key).toMatchObject({
        participant: 'B09901',
        algorithm: 'ssh-ed25519',
        bits: 256,
        comment: 'the new key',
        from: instant('2021-07-24T16:30'),
        until: instant('2021-08-31'),
      });
      const { keys } = described('rapKeys', await control.rapKeys({ participant: 'B09901' }));
      expect(keys).toContainEqual(key);
      const { participant, fingerprint } = key;
      expect(described('withdrawRapKey', await control.withdrawRapKey({ participant, fingerprint }))).toEqual(key);
      expect(described('rapKeys', await control.rapKeys({})).keys).not.toContainEqual(key);
      refused(await control.withdrawRapKey({ participant, fingerprint }), 'NOT_FOUND');
      refused(await control.addRapKey({ ...request, participant: 'C09901' }), 'NOT_FOUND');
      refused(await control.addRapKey({ ...request, publicKey: 'ssh-ed25519 AAAA' }), 'BAD_FILE');
      refused(await control.addRapKey({ ...request, until: '2021-07-24T16:30' }), 'BAD_REQUEST');
      refused(await control.addRapKey({ ...request, from: 'tea time' }), 'BAD_REQUEST');
    });

    it("publishes a tester's csv as a RAP package and withdraws it", async () => {
      const place = { id: 'RMADF01', participant: 'B09902', businessDate: '2021-07-02', snapshot: '1030' };
      const content = Buffer.from('A,B\r\n1,2\r\n').toString('base64');
      const { files } = described('publishRapPackage', await control.publishRapPackage({ ...place, content }));
      expect(files.map(({ name, folder, inPlaceOf }) => [folder, name, inPlaceOf])).toEqual([
        ['INBOX', 'RMADF01_B09902_20210702_1030_D.zip', null],
        ['INBOX', 'RMADF01_B09902_20210702_1030_C.zip', null],
      ]);
      const csv = ['A,B\r\n1', ',2\r\n'].map((piece) => Buffer.from(piece));
      const { files: streamed } = described('publishRapPackage', await control.publishRapCsv({ ...place, csv }));
      expect(streamed.map(({ name, sha256 }) => [name, sha256])).toEqual(
        files.map(({ name, sha256 }) => [name, sha256]),
      );
      const listed = described('rapFiles', await control.rapFiles({ participant: 'B09902' }));
      for (const file of streamed) expect(listed.files).toContainEqual(file);
      const gone = described('withdrawRapPackage', await control.withdrawRapPackage(place));
      expect(gone).toEqual({ files: streamed, restored: false });
      refused(await control.withdrawRapPackage(place), 'NOT_FOUND');
      refused(await control.publishRapPackage({ ...place, participant: 'C09901', content }), 'NOT_FOUND');
      refused(await control.publishRapPackage({ ...place, folder: 'RPF', content }), 'BAD_REQUEST');
      refused(await control.publishRapCsv({ ...place, participant: 'C09901', csv }), 'NOT_FOUND');
      refused(await control.publishRapPackage({ ...place, businessDate: '2021-02-30', content }), 'BAD_REQUEST');
    });

    it('enters trades, all or none, and lists them', async () => {
      const buy = { participant: 'B09901', side: 'buy', stock: '5', quantity: 400, price: '43.5' } as const;
      const { trades } = described('addTrades', await control.addTrades({ trades: [buy] }));
      expect(trades).toMatchObject([{ participant: 'B09901', stock: '00005', amountCents: 1_740_000 }]);
      const listed = described('trades', await control.trades({ participant: 'B09901' }));
      expect(listed.trades).toContainEqual(trades[0]);
    });

    it('pages through the journal without gaps', async () => {
      const { entries, last } = described('journal', await control.journal({}));
      expect(entries.at(-1)?.seq).toBe(last);
      const paged: JournalEntry[] = [];
      for (let page = entries.slice(0, 1); page.length > 0; ) {
        const after: number | undefined = paged.at(-1)?.seq;
        page = [
          ...described('journal', await control.journal({ limit: 2, ...(after === undefined ? {} : { after }) }))
            .entries,
        ];
        paged.push(...page);
      }
      expect(paged).toEqual(entries);
      const { entries: some } = described('journal', await control.journal({ kinds: 'clock, switch' }));
      expect(some).toEqual(entries.filter((entry) => entry.kind === 'clock' || entry.kind === 'switch'));
    });

    it('follows the journal after a given number, until its signal aborts', async () => {
      const { entries, last } = described('journal', await control.journal({}));
      const stop = new AbortController();
      const seen: JournalEntry[] = [];
      const start = entries.at(-2)?.seq ?? 0;
      for await (const entry of control.follow({ after: start }, stop.signal)) {
        seen.push(entry);
        if (entry.seq === last) await control.clock({ advanceMs: 1 });
        else if (entry.seq > last) stop.abort();
      }
      expect(seen.map((entry) => entry.seq)).toEqual([last, last + 1]);
      expect(seen[0]).toEqual(entries.at(-1));
    });

    it('follows only the given kinds', async () => {
      const { last } = described('journal', await control.journal({ limit: 1 }));
      const stop = new AbortController();
      const kinds: string[] = [];
      await control.clock({ advanceMs: 1 });
      await control.register({ participant: 'B09901', registered: true });
      for await (const entry of control.follow({ after: last, kinds: ['registration'] }, stop.signal)) {
        kinds.push(entry.kind);
        stop.abort();
      }
      expect(kinds).toEqual(['registration']);
    });

    it('follows from now on if no number is given, up to the limit', async () => {
      const { last } = described('journal', await control.journal({ limit: 1 }));
      const following = control.follow({ limit: 2 }, new AbortController().signal)[Symbol.asyncIterator]();
      const first = following.next();
      // The start of the stream cannot be seen from here, so entries are made until the first one arrives.
      let arrived = false;
      void first.then(() => {
        arrived = true;
      });
      while (!arrived) await control.clock({ advanceMs: 1 });
      expect((await first).value?.seq).toBeGreaterThan(last);
      await control.clock({ advanceMs: 1 });
      expect((await following.next()).value?.seq).toBe(((await first).value?.seq ?? 0) + 1);
      expect((await following.next()).done).toBe(true);
    });

    it('hides the journal and never renumbers it', async () => {
      const { last } = described('journal', await control.journal({ limit: 1 }));
      const cleared = described('clearJournal', await control.clearJournal({}));
      expect(cleared).toEqual({ cleared: last, hiddenUpTo: last });
      expect(described('journal', await control.journal({}))).toEqual({
        format: 2,
        entries: [],
        last,
        hiddenUpTo: last,
      });
      await control.clock({ advanceMs: 1 });
      const after = described('journal', await control.journal({}));
      expect(after.entries.map((entry) => entry.seq)).toEqual([last + 1]);
      expect(after).toMatchObject({ last: last + 1, hiddenUpTo: last });
      const all = described('journal', await control.journal({ hidden: true, limit: 10_000 })).entries;
      expect(all.map((entry) => entry.seq)).toEqual(Array.from({ length: last + 1 }, (_, n) => n + 1));
      const stop = new AbortController();
      const followed: number[] = [];
      for await (const { seq } of control.follow({ after: 0, limit: 1 }, stop.signal)) followed.push(seq);
      for await (const { seq } of control.follow({ after: 0, limit: 1, hidden: true }, stop.signal)) followed.push(seq);
      expect(followed).toEqual([last + 1, 1]);
    });

    it('filters the journal by each member of the head and by code, in a query and while it follows', async () => {
      await control.register({ participant: 'B09901', registered: true });
      const kinds = 'registration';
      const mine = described('journal', await control.journal({ kinds, participant: 'B09901' })).entries;
      expect(mine.length).toBeGreaterThan(0);
      const none = {
        ...{ centre: 'backup', service: 'orp', protocol: 'sftp', via: 'line', connection: 'x', request: 'x.1' },
        ...{ session: 'x', user: 'x', code: 'NOT_OPEN' },
      } as const;
      for (const [name, value] of Object.entries(none)) {
        const { entries } = described('journal', await control.journal({ kinds, [name]: value }));
        expect([name, entries]).toEqual([name, []]);
      }
      const stop = new AbortController();
      for await (const entry of control.follow(
        { after: 0, kinds: ['registration'], participant: 'B09901' },
        stop.signal,
      )) {
        expect(entry).toEqual(mine[0]);
        stop.abort();
      }
    });

    it('runs and freezes', async () => {
      expect(described('clock', await control.clock({ rate: 2 }))).toMatchObject({ mode: 'running', rate: 2 });
      expect(described('clock', await control.clock({ freeze: true })).mode).toBe('frozen');
    });
  });
}

const ajv = new Ajv2020({ strict: false, allErrors: true });

/** The answer; fails if it is a refusal or does not match the schema that OpenAPI shows. */
function described<K extends ControlOperation>(name: K, answer: ControlAnswer<K> | Refusal): ControlAnswer<K> {
  if (isRefusal(answer)) throw new Error(`${name} was refused: ${answer.refusal}: ${answer.detail.en}`);
  const valid = ajv.validate(CONTROL[name].answer, answer);
  expect(valid ? [] : ajv.errors, `${name} matches its schema`).toEqual([]);
  return answer;
}

function refused(answer: unknown, code: RefusalCode): Refusal {
  if (!isRefusal(answer)) throw new Error(`not refused: ${JSON.stringify(answer)}`);
  expect(answer.refusal).toBe(code);
  return answer;
}
