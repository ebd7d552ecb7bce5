import type { Report } from '../api/ccass/reports.ts';
import { formatHkt, marketDate } from '../domain/calendar/calendar.ts';
import type { ReportsDay } from '../domain/calendar/rehearsal.ts';
import { CENTRE_WORDS } from '../domain/calendar/timetable-words.ts';
import type { Instant } from '../domain/nouns/market.ts';
import { findInstructions, readControlReport } from './batch.ts';
import { download, FORMAT_WORDS } from './downloads.ts';
import { wrongRelease } from './expected.ts';
import { findTyped } from './operations.ts';
import { logOnOf } from './participants.ts';
import { checked, expectRefusal, expectValue, unexpectedRefusal } from './results.ts';
import { listed, say } from './said.ts';
import { granted, type LeadBooks, type Setting } from './setting.ts';

/** After the roll-back, checks that both centres' books are as they were before the rehearsal. */
export async function checkRollBack(setting: Setting): Promise<void> {
  const { rehearsal, before, time, results, control } = setting;
  const { rollBack } = rehearsal;
  if (!rollBack || setting.rolledBack || (await time.now()) < rollBack.at) return;
  setting.rolledBack = true;
  if (before.market.at > rollBack.to || !rollBack.tables.includes('instruction')) return;
  const what = say('the books return to their state of {}', '賬目還原至 {} 的狀態', formatHkt(rollBack.to));
  await results.step(what, async () => {
    const { active, centres } = granted(await control.state({}));
    const typed = (setting.batch?.accepted ?? 0) + (setting.typed?.instructions.length ?? 0);
    const differs = (['primary', 'backup'] as const).filter(
      (name) => centres[name].instructions !== before.centres[name].instructions,
    );
    return checked(active, {
      says: say('the {} SIs of the rehearsal were taken back', '演習的 {} 項交收指示已還原', typed),
      wrong: differs.map((name) =>
        say(
          'got {} SIs at {}, expected {}',
          '現有 {} 項交收指示（{}），應為 {} 項',
          ...[centres[name].instructions, CENTRE_WORDS[name], before.centres[name].instructions],
        ),
      ),
    });
  });
}

/** The reports of a day: none a second early, then all of them, from books without a trace of the rehearsal. */
export async function playReportsDay(setting: Setting, day: ReportsDay): Promise<void> {
  const { results, time, participants, rehearsal } = setting;
  const { lead } = participants;
  const from = formatHkt(day.available);
  results.part({ en: `Reports of ${day.dated}, from ${from}`, zh: `${day.dated} 的報表，自 ${from} 起` }, null);
  await time.moveTo(day.available - 1000);
  await results.step(say('{} requests them a second early', '{} 提早一秒查閱', lead.participant), async () => {
    const on = await lead.ccass.logOn({ ...logOnOf(lead, lead.channel), takeOver: true });
    if (!on.ok) return expectRefusal(on, 'NOT_OPEN');
    const listed = await lead.ccass.reports({ businessDate: day.dated });
    if (!listed.ok) return expectRefusal(listed, 'NOT_OPEN');
    return expectValue(listed, (rows) => {
      const early = rows.filter((row) => row.batch === null);
      return {
        says: say('none of them is there', '尚未提供'),
        wrong: [early.length > 0 && say('{} is already there', '{} 已可供查閱', early[0]?.id ?? '')],
      };
    });
  });
  await time.moveTo(day.available);
  const open = await waitUntilOpen(setting);
  if (!open) return;

  let rows: readonly Report[] = [];
  const runs = rehearsal.runs.filter(({ at }) => marketDate(at) === day.dated);
  const what = say('{} lists the reports of {}', '{} 查閱 {} 的報表', lead.participant, day.dated);
  await results.step(what, async () =>
    expectValue(await lead.ccass.reports({ businessDate: day.dated }), (all) => {
      rows = all.filter((row) => row.batch === null);
      const missing = runs.filter(({ run }) => !rows.some((row) => row.id === run));
      return {
        says: listed(all.map(({ id, format }) => say('{} {}', '{} {}', id, FORMAT_WORDS[format]))),
        wrong: missing.map(({ run }) => say('{} is missing', '欠缺 {}', run)),
        empty: all.length === 0 && say('the rehearsal file lists no run for that day', '演習檔案當日並無製作報表'),
      };
    }),
  );
  for (const row of rows) await download(setting, row);
  await readControlReport(setting);
  if (rehearsal.rollBack) {
    await findInstructions(setting);
    await findTyped(setting);
    await checkBooksUnchanged(setting);
  }
}

/** How many openings named in refusals to wait for. */
const MAX_OPENINGS = 3;

/** Logs on and lists reports, waiting for the opening if need be. */
async function waitUntilOpen({ results, time, participants, rehearsal }: Setting): Promise<boolean> {
  const { lead } = participants;
  return results.step(say('{} logs on in the normal hours', '{} 於正常時間登入', lead.participant), async () => {
    const date = marketDate(await time.now());
    const expected = rehearsal.releases.findLast(({ from }) => from <= date)?.name ?? 'production';
    for (let tries = 1; ; tries++) {
      const on = await lead.ccass.logOn({ ...logOnOf(lead, lead.channel), takeOver: true });
      const listed = on.ok ? await lead.ccass.reports() : on;
      const opens: Instant | undefined = listed.ok ? undefined : listed.refusal.retryAt;
      if (opens === undefined || tries === MAX_OPENINGS || (!on.ok && on.code !== 'NOT_OPEN')) {
        return expectValue(listed.ok ? on : listed, () => ({
          says: on.ok ? say('release {}', '版本 {}', on.value.release) : '',
          wrong: on.ok ? wrongRelease(expected, on.value.release) : [],
        }));
      }
      await time.moveTo(opens);
    }
  });
}

async function checkBooksUnchanged({ results, participants, books }: Setting): Promise<void> {
  if (!books) return;
  const { ccass, participant } = participants.lead;
  const what = say('{} finds its books as they were before the rehearsal', '{} 的賬目與演習前相同', participant);
  await results.step(what, async () => {
    const balances = await ccass.stockBalances();
    if (!balances.ok) return unexpectedRefusal(balances);
    return expectValue(await ccass.settlementInstructions(), ({ rows }) => ({
      says: say(
        'all {} balances, and no SI of the rehearsal',
        '全部 {} 項結餘，並無演習的交收指示',
        books.balances.length,
      ),
      wrong: [
        books.balances.length === 0 && say('expected balances', '應有結餘'),
        !isSame(books, { balances: balances.value.rows, instructions: rows }) &&
          say('they differ from before', '與之前不同'),
      ],
    }));
  });
}

function isSame(one: LeadBooks, other: LeadBooks): boolean {
  const textOf = ({ balances, instructions }: LeadBooks) => JSON.stringify([balances, instructions]);
  return textOf(one) === textOf(other);
}
