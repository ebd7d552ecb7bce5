import type { Report } from '../api/ccass/reports.ts';
import { formatHkt, marketDate } from '../domain/calendar/calendar.ts';
import type { ReportsDay } from '../domain/calendar/rehearsal.ts';
import type { Instant } from '../domain/nouns/market.ts';
import { logOnOf } from './participants.ts';
import { expectRefusal, expectValue, unexpectedRefusal } from './results.ts';
import { granted, type LeadBooks, type Setting } from './setting.ts';
import { download, findInstructions, readControlReport } from './tasks.ts';

/** After the roll-back, checks that both centres' books are as they were before the rehearsal. */
export async function checkRollBack(setting: Setting): Promise<void> {
  const { rehearsal, before, time, results, control } = setting;
  const { rollBack } = rehearsal;
  if (!rollBack || setting.rolledBack || (await time.now()) < rollBack.at) return;
  setting.rolledBack = true;
  if (before.market.at > rollBack.to || !rollBack.tables.includes('instruction')) return;
  await results.step(`the books return to their state of ${formatHkt(rollBack.to)}`, async () => {
    const { active, centres } = granted(await control.state({}));
    const count = (state: typeof before) =>
      `${state.centres.primary.instructions} SIs at the primary, ${state.centres.backup.instructions} at the backup centre`;
    const [was, is] = [count(before), count({ ...before, centres })];
    return { ok: was === is, came: was === is ? is : `got ${is}, expected ${was}`, centre: active };
  });
}

/** The reports of a day: none a second early, then all of them, from books without a trace of the rehearsal. */
export async function playReportsDay(setting: Setting, day: ReportsDay): Promise<void> {
  const { results, time, participants, rehearsal } = setting;
  const { lead } = participants;
  const from = formatHkt(day.available);
  results.part({ en: `Reports of ${day.dated}, from ${from}`, zh: `${day.dated} 的報表，自 ${from} 起` }, null);
  await time.moveTo(day.available - 1000);
  await results.step(`${lead.participant} requests them a second early`, async () => {
    const on = await lead.ccass.logOn({ ...logOnOf(lead, lead.channel), takeOver: true });
    if (!on.ok) return expectRefusal(on, 'NOT_OPEN');
    const listed = await lead.ccass.reports({ businessDate: day.dated });
    if (!listed.ok) return expectRefusal(listed, 'NOT_OPEN');
    return expectValue(listed, (rows) => {
      const early = rows.filter((row) => row.batch === null);
      return { says: `${early.length} reports`, wrong: [early.length > 0 && `${early[0]?.id} is already there`] };
    });
  });
  await time.moveTo(day.available);
  const open = await waitUntilOpen(setting);
  if (!open) return;

  let rows: readonly Report[] = [];
  const runs = rehearsal.runs.filter(({ at }) => marketDate(at) === day.dated);
  await results.step(`${lead.participant} lists the reports of ${day.dated}`, async () =>
    expectValue(await lead.ccass.reports({ businessDate: day.dated }), (all) => {
      rows = all.filter((row) => row.batch === null);
      const missing = runs.filter(({ run }) => !rows.some((row) => row.id === run));
      return {
        says: all.map((row) => `${row.id} ${row.format}`).join(', ') || 'none',
        wrong: missing.map(({ run }) => `${run} is missing`),
      };
    }),
  );
  for (const row of rows) await download(setting, row);
  await readControlReport(setting);
  if (rehearsal.rollBack) {
    await findInstructions(setting, 0);
    await checkBooksUnchanged(setting);
  }
}

/** How many openings named in refusals to wait for. */
const MAX_OPENINGS = 3;

/** Logs on and lists reports, waiting for the opening if need be. */
async function waitUntilOpen({ results, time, participants, rehearsal }: Setting): Promise<boolean> {
  const { lead } = participants;
  return results.step(`${lead.participant} logs on in the normal hours`, async () => {
    const date = marketDate(await time.now());
    const expected = rehearsal.releases.findLast(({ from }) => from <= date)?.name ?? 'production';
    for (let tries = 1; ; tries++) {
      const on = await lead.ccass.logOn({ ...logOnOf(lead, lead.channel), takeOver: true });
      const listed = on.ok ? await lead.ccass.reports() : on;
      const opens: Instant | undefined = listed.ok ? undefined : listed.refusal.retryAt;
      if (opens === undefined || tries === MAX_OPENINGS || (!on.ok && on.code !== 'NOT_OPEN')) {
        return expectValue(listed.ok ? on : listed, () => ({
          says: on.ok ? `release ${on.value.release}` : '',
          wrong: [on.ok && on.value.release !== expected && `expected release ${expected}`],
        }));
      }
      await time.moveTo(opens);
    }
  });
}

async function checkBooksUnchanged({ results, participants, books }: Setting): Promise<void> {
  if (!books) return;
  const { ccass, participant } = participants.lead;
  await results.step(`${participant} finds its books as they were before the rehearsal`, async () => {
    const balances = await ccass.stockBalances();
    if (!balances.ok) return unexpectedRefusal(balances);
    return expectValue(await ccass.settlementInstructions(), ({ rows }) => ({
      says: `${balances.value.rows.length} balances, ${rows.length} SIs`,
      wrong: [!isSame(books, { balances: balances.value.rows, instructions: rows }) && 'they differ from before'],
    }));
  });
}

function isSame(one: LeadBooks, other: LeadBooks): boolean {
  const textOf = ({ balances, instructions }: LeadBooks) => JSON.stringify([balances, instructions]);
  return textOf(one) === textOf(other);
}
