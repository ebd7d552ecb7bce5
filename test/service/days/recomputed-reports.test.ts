import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant } from '../../../src/domain/calendar/calendar.ts';
import type { Change } from '../../../src/domain/change.ts';
import type { Report } from '../../../src/domain/nouns/reports.ts';
import { controlReport } from '../../../src/service/batches/control-report.ts';
import type { Context } from '../../../src/service/context.ts';
import { EVERYONE, reportContent, reportPieces } from '../../../src/service/reports/report-run.ts';
import { MemoryBlobs } from '../../../src/store/blobs/memory-blobs.ts';
import { Books } from '../../../src/store/books/books.ts';
import { type Command, commands, play } from '../../support/days/commands.ts';
import { moveTo, type World, world } from '../../support/days/world.ts';
import { FULL } from '../../support/rehearsal.ts';
import { shipped } from '../../support/shipped-layouts.ts';

const NEXT_DAY = instant('2021-02-11T08:30');
/** A batch of each kind to begin with, so that every report of the catalogue is made. */
const SURE: readonly Command[] = (['batch', 'transfer'] as const).map((kind) => ({
  ...{ kind, by: 'B09901', with: 'B09902', side: 'D', payment: 'DVP', stock: 0, answered: true, hold: false },
  ...{ refused: false, act: 'delete', which: 0, minutes: 5 },
}));

/**
 * Reads the change log from its beginning into separate books. Before each commit that publishes reports it makes them
 * anew, from what those books hold by then, and answers "ID format" of each with the bytes of both.
 */
async function recomputed({ centre, fixtures, log }: World) {
  const books = new Books();
  const found: { readonly name: string; readonly served: string; readonly again: string }[] = [];
  for await (const commits of log.read(0)) {
    for (const { changes } of commits) {
      for (const report of reportsIn(changes)) {
        const definition = fixtures.catalogue.find(({ id }) => id === report.id);
        // Custom reports are not in the catalogue.
        if (!definition) continue;
        const again = definition.made === 'at once' ? await fromBatch(report, changes) : fromBooks(report);
        const served = (await centre.store.blobs.open(report.sha256).toArray()).join('');
        found.push({ name: `${report.id} ${report.format}`, served, again });
      }
      for (const change of changes) books.apply(change);
    }
  }
  return found;

  function fromBooks({ id, format, participant: who, businessDate, madeAt: at }: Report): string {
    const participant = who === EVERYONE.id ? EVERYONE : books.get('participant', who);
    const definition = fixtures.catalogue.find((one) => one.id === id);
    if (!participant || !definition) throw new Error(`${id} of ${who}`);
    const layout = definition.layout === undefined ? null : shipped(definition.layout);
    const content = reportContent(books, id, participant, { businessDate, at });
    return whole(reportPieces({ definition, layout }, format, participant, content, { businessDate, at }));
  }

  /** From the outcomes that the books keep until the control report stands, and the batch as the same commit has it. */
  async function fromBatch(
    { id, format, batch: reference, madeAt }: Report,
    changes: readonly Change[],
  ): Promise<string> {
    const batch = changes.flatMap((change) => (change.table === 'batch' && change.row ? [change.row] : []))[0];
    const definition = fixtures.catalogue.find((one) => one.id === id);
    if (!batch || !definition || reference === null) throw new Error(`${id} without its batch`);
    const blobs = new MemoryBlobs();
    const context = { clock: { now: () => madeAt }, store: { books, blobs } } as unknown as Context;
    const ofTransfers = id === 'ZATCR01';
    const report = {
      definition,
      layout: shipped(id),
      heading: ofTransfers ? 'ATI NUMBER' : 'SI NUMBER',
      input: (rows: Books, n: number) => {
        const number = `${ofTransfers ? 'A' : 'D'}${String(n).padStart(8, '0')}`;
        return { number, reference: rows.get(ofTransfers ? 'transfer' : 'instruction', number)?.reference ?? '' };
      },
    };
    const kind = { layout: shipped(ofTransfers ? 'ZATUP01' : 'ZSIUP01'), report };
    const made = await controlReport(context, kind, batch, [...books.outcomesOf(reference)]);
    const one = made.find(({ draft }) => draft.format === format);
    return (await blobs.open(one?.draft.sha256 ?? '').toArray()).join('');
  }
}

const reportsIn = (changes: readonly Change[]): readonly Report[] =>
  changes.flatMap((change) => (change.table === 'report' && change.row ? [change.row as Report] : []));
const whole = (pieces: Iterable<string | Uint8Array>) =>
  [...pieces].map((piece) => (typeof piece === 'string' ? piece : Buffer.from(piece).toString('latin1'))).join('');

describe('a report recomputed from the books equals the one served', () => {
  test('every report of the catalogue in every form, after any day', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(commands(14), async (day) => {
        await using one = await world();
        await play(one, [...SURE, ...day], 0);
        await moveTo(one, Math.max(one.clock.now(), NEXT_DAY));
        const all = await recomputed(one);
        for (const { name, served, again } of all) expect(again, name).toBe(served);
        const forms = one.fixtures.catalogue.flatMap(({ id, formats }) => formats.map((format) => `${id} ${format}`));
        expect([...new Set(all.map(({ name }) => name))].sort()).toEqual(forms.sort());
      }),
      { numRuns: FULL ? 120 : 8 },
    );
  });
});
