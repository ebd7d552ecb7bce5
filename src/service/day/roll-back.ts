import { marketDate } from '../../domain/calendar/calendar.ts';
import type { RollBack } from '../../domain/calendar/rehearsal.ts';
import { put } from '../../domain/change.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { Context } from '../context.ts';
import { sessionHead } from '../journal-entries.ts';

/** The first commit is the market itself; no roll-back goes before it. */
const SEED = 1;

/**
 * Takes the named tables back to what they were just before `rollBack.to`, once, as one commit, and ends all sessions
 * (assumed: the circular says only that the system returns to the version before the upgrade).
 */
export async function rollBackBooks(context: Context, rollBack: RollBack): Promise<void> {
  const { store, journal, centre, sessions, clock } = context;
  const run = { run: 'roll-back', date: marketDate(rollBack.at), doneAt: clock.now() };
  const key = `${run.run}/${run.date}`;
  if (store.books.get('run', key)) return;
  for (const session of sessions.endAll('roll-back', clock.now())) {
    journal.note('session-ended', sessionHead(session), { why: 'roll-back' });
  }
  const index = Math.max(SEED, await store.lastIndexBefore(rollBack.to));
  const changes = await store.changesBackTo(index, rollBack.tables);
  const answer = await store.transact((books) =>
    books.get('run', key) ? { changes: [], answer: false } : { changes: [...changes, put('run', run)], answer: true },
  );
  if (isRefusal(answer) || !answer) return;
  const tables = [...rollBack.tables];
  journal.note('run', { centre }, { run: run.run, date: run.date, tables, done: { rows: changes.length } });
}
