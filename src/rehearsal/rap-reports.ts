import { columnOf, readRapPackage } from '../client/rap-package.ts';
import type { RapEntry } from '../client/rap-user.ts';
import { compactDate, marketDate, previousBusinessDay } from '../domain/calendar/calendar.ts';
import { NO_TRADES } from './enquiries.ts';
import type { Client } from './participants.ts';
import { checked, failed, type StepResult } from './results.ts';
import { listed, type Said, say } from './said.ts';
import type { Setting } from './setting.ts';

const NO_SUCH_FILE = 2;
const FOLDERS = ['INBOX', 'COMMON', 'RPF'] as const;

/** A report with both of its files in RAP. */
interface Listed {
  readonly folder: string;
  readonly data: RapEntry;
  readonly control: RapEntry;
}

/** The ORP reports and data files of the previous business day: each a data and a control zip, which have to agree. */
export async function fetchReports(setting: Setting, client: Client): Promise<void> {
  const { results, time, holidays, participants } = setting;
  const date = previousBusinessDay(marketDate(await time.now()), holidays);
  const centre = client.rapOn?.session.centre ?? null;
  let reports: readonly Listed[] = [];
  const what = say('{} lists the ORP reports of {} in RAP', '{} 於 RAP 查閱 {} 的 ORP 報表', client.participant, date);
  await results.step(what, async () => {
    const half: string[] = [];
    const counts: string[] = [];
    for (const folder of FOLDERS) {
      const answer = await client.rap.list(`/${folder}/${compactDate(date)}`);
      // The server lists no empty folder: without files of that day the folder is missing.
      if (!answer.ok && answer.status !== NO_SUCH_FILE) return failed(`${folder}: ${answer.says}`, centre);
      const { pairs, unpaired } = paired(folder, answer.ok ? answer.value : []);
      reports = [...reports, ...pairs];
      half.push(...unpaired);
      counts.push(`${folder} ${pairs.length}`);
    }
    return checked(centre, {
      says: say('{} reports', '報表 {}', listed(counts)),
      wrong: [
        ...half.map((name) => say('{} has no counterpart', '{} 欠缺對應檔案', name)),
        reports.length === 0 && say('expected them from the start', '開始時應已提供'),
      ],
    });
  });
  if (client === participants.riskLead) {
    for (const report of reports) {
      const fetched = say('{} downloads {} through RAP', '{} 通過 RAP 下載 {}', client.participant, report.data.name);
      await results.step(fetched, () => fetchReport(client, report, centre));
    }
    return;
  }
  const all = say('{} downloads them all through RAP', '{} 通過 RAP 下載全部報表', client.participant);
  await results.step(all, async () => {
    const problems: Said[] = [];
    const without: string[] = [];
    for (const report of reports) {
      const { outcome, came } = await fetchReport(client, report, centre);
      if (outcome === 'FAIL') problems.push(say('{}: {}', '{}：{}', report.data.name, came));
      if (outcome === 'EMPTY') without.push(report.data.name);
    }
    const full = reports.length - without.length;
    return checked(centre, {
      says: listed([
        say('{} reports, each as its control file says', '{} 份報表，均與控制檔相符', full),
        ...without.map((name) => say('{} has no records that day', '{} 當日並無記錄', name)),
      ]),
      wrong: [...problems, full === 0 && say('expected records', '應有記錄')],
    });
  });
}

/** Reports that list events: without an event that day they have no records. Any other has figures every day. */
const OF_EVENTS: Readonly<Record<string, Said>> = {
  ZCAPA01: say('no corporate action adjusts positions that day', '當日並無公司行動須調整股份數額'),
  DWH0303: say('no instrument is newly listed that day', '當日並無新上市證券'),
};
/** Columns of the margin reports of which at least one figure is not nil. */
const MARGIN_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  RMAMR01: ['Rounded Margin'],
  RMAMR03: ['MTM Requirement', 'Favourable MTM', 'Margin Requirement', 'Total Requirement'],
};

async function fetchReport(
  { rap, rapFigures }: Client,
  { folder, data, control }: Listed,
  centre: StepResult['centre'],
): Promise<StepResult> {
  const files: Buffer[] = [];
  for (const { name, sizeBytes } of [data, control]) {
    const answer = await rap.fetch(`${folder}/${name}`);
    if (!answer.ok) return failed(answer.says, centre);
    const { length } = answer.value;
    if (length !== sizeBytes) {
      const differs = say(
        '{}: got {} bytes, the listing says {}',
        '{}：收到 {} 位元組，清單所示為 {}',
        name,
        length,
        sizeBytes,
      );
      return failed(differs, centre);
    }
    files.push(answer.value);
  }
  const [bytes = Buffer.alloc(0), controlZip = Buffer.alloc(0)] = files;
  const { control: facts, csv, faults } = await readRapPackage({ name: data.name, bytes }, controlZip);
  const report = facts?.reportId ?? '';
  const records = facts?.records ?? 0;
  const total = report === 'RMAMR01' ? (columnOf(csv, 'Total Requirement')[0] ?? null) : null;
  if (facts) rapFigures.set(`${report} ${facts.businessDate} ${facts.runTime}`, { records, total });
  const isNil = MARGIN_COLUMNS[report]?.every((heading) => columnOf(csv, heading).every((cell) => Number(cell) === 0));
  return checked(centre, {
    says: say(
      '{} records, {} bytes, SHA-256 as the control file says',
      '{} 項記錄，{} 位元組，SHA-256 與控制檔相符',
      ...[records, csv.length],
    ),
    wrong: [...faults, facts !== null && (isNil || (records === 0 && !OF_EVENTS[report])) && NO_TRADES],
    empty: records === 0 && (OF_EVENTS[report] ?? false),
  });
}

/** Data and control files of one folder, by the name that they share, and those without a counterpart. */
function paired(
  folder: string,
  entries: readonly RapEntry[],
): { pairs: readonly Listed[]; unpaired: readonly string[] } {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const other = (name: string) =>
    byName.get(name.replace(/_([DC])\.zip$/, (_, one) => `_${one === 'D' ? 'C' : 'D'}.zip`));
  const pairs = entries.flatMap((data) => {
    const control = data.name.endsWith('_D.zip') ? other(data.name) : undefined;
    const date = data.name.split('_')[2] ?? '';
    return control ? [{ folder: `/${folder}/${date}`, data, control }] : [];
  });
  return {
    pairs,
    unpaired: entries
      .filter(({ name }) => (other(name) ?? byName.get(name)) === byName.get(name))
      .map(({ name }) => name),
  };
}
