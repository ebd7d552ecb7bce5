import type { Report } from '../api/ccass/reports.ts';
import { formatHkt, marketDate } from '../domain/calendar/calendar.ts';
import type { ReportsDay } from '../domain/calendar/rehearsal.ts';
import type { Instant } from '../domain/nouns/market.ts';
import { logOnOf } from './cast.ts';
import { good, refusedInstead, refusedWith } from './score.ts';
import { granted, type OwnBooks, type Stage } from './stage.ts';
import { download, findInstructions, readControlReport } from './tasks.ts';

/** Once market time has passed the roll-back: both centres' books are as they were before the rehearsal. */
export async function checkRollBack(stage: Stage): Promise<void> {
  const { rehearsal, before, time, score, control } = stage;
  const { rollBack } = rehearsal;
  if (!rollBack || stage.rolledBack || (await time.now()) < rollBack.at) return;
  stage.rolledBack = true;
  if (before.market.at > rollBack.to || !rollBack.tables.includes('instruction')) return;
  await score.step(`the books return to their state of ${formatHkt(rollBack.to)}`, async () => {
    const { active, centres } = granted(await control.state({}));
    const count = (state: typeof before) =>
      `${state.centres.primary.instructions} SIs at the primary, ${state.centres.backup.instructions} at the backup centre`;
    const [was, is] = [count(before), count({ ...before, centres })];
    return { ok: was === is, came: was === is ? is : `${is}; before there were ${was}`, centre: active };
  });
}

/** The reports of a day of the rehearsal: not a second before their time, then all of them, from books as if nothing had been. */
export async function playReportsDay(stage: Stage, day: ReportsDay): Promise<void> {
  const { score, time, cast, rehearsal } = stage;
  const { lead } = cast;
  score.part(`Reports of ${day.dated}, from ${formatHkt(day.available)}`, null);
  await time.moveTo(day.available - 1000);
  await score.step(`${lead.participant} asks for them a second early`, async () => {
    const on = await lead.client.logOn({ ...logOnOf(lead, lead.channel), takeOver: true });
    if (!on.ok) return refusedWith(on, 'NOT_OPEN');
    const listed = await lead.client.reports({ businessDate: day.dated });
    if (!listed.ok) return refusedWith(listed, 'NOT_OPEN');
    return good(listed, (rows) => {
      const early = rows.filter((row) => row.batch === null);
      return { says: `${early.length} reports`, wrong: [early.length > 0 && `${early[0]?.id} is there already`] };
    });
  });
  await time.moveTo(day.available);
  const open = await whenOpen(stage);
  if (!open) return;

  let rows: readonly Report[] = [];
  const runs = rehearsal.runs.filter(({ at }) => marketDate(at) === day.dated);
  await score.step(`${lead.participant} lists the reports of ${day.dated}`, async () =>
    good(await lead.client.reports({ businessDate: day.dated }), (all) => {
      rows = all.filter((row) => row.batch === null);
      const missing = runs.filter(({ run }) => !rows.some((row) => row.id === run));
      return {
        says: all.map((row) => `${row.id} ${row.format}`).join(', ') || 'none',
        wrong: missing.map(({ run }) => `${run} is missing`),
      };
    }),
  );
  for (const row of rows) await download(stage, row);
  await readControlReport(stage);
  if (rehearsal.rollBack) {
    await findInstructions(stage, 0);
    await sameBooks(stage);
  }
}

/** How often an opening that a refusal names is waited for. */
const OPENINGS = 3;

/** Logs on and lists reports, if need be when they open. */
async function whenOpen({ score, time, cast }: Stage): Promise<boolean> {
  const { lead } = cast;
  return score.step(`${lead.participant} logs on in the normal hours`, async () => {
    for (let tries = 1; ; tries++) {
      const on = await lead.client.logOn({ ...logOnOf(lead, lead.channel), takeOver: true });
      const listed = on.ok ? await lead.client.reports() : on;
      const opens: Instant | undefined = listed.ok ? undefined : listed.refusal.retryAt;
      if (opens === undefined || tries === OPENINGS || (!on.ok && on.code !== 'NOT_OPEN')) {
        return good(listed.ok ? on : listed, () => ({ says: on.ok ? `release ${on.value.release}` : '' }));
      }
      await time.moveTo(opens);
    }
  });
}

async function sameBooks({ score, cast, books }: Stage): Promise<void> {
  if (!books) return;
  const { client, participant } = cast.lead;
  await score.step(`${participant} finds its books as they were before the rehearsal`, async () => {
    const balances = await client.stockBalances();
    if (!balances.ok) return refusedInstead(balances);
    return good(await client.settlementInstructions(), ({ rows }) => ({
      says: `${balances.value.rows.length} balances, ${rows.length} SIs`,
      wrong: [!isSame(books, { balances: balances.value.rows, instructions: rows }) && 'they are others than before'],
    }));
  });
}

function isSame(one: OwnBooks, other: OwnBooks): boolean {
  const told = ({ balances, instructions }: OwnBooks) => JSON.stringify([balances, instructions]);
  return told(one) === told(other);
}
