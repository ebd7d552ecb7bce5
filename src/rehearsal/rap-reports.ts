import { readRapPackage } from '../client/rap-package.ts';
import type { RapEntry } from '../client/rap-user.ts';
import { compactDate, marketDate, previousBusinessDay } from '../domain/calendar/calendar.ts';
import type { Client } from './participants.ts';
import { type StepResult, stepResult } from './results.ts';
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
  await results.step(`${client.participant} lists the ORP reports of ${date} in RAP`, async () => {
    const half: string[] = [];
    const counts: string[] = [];
    for (const folder of FOLDERS) {
      const answer = await client.rap.list(`/${folder}/${compactDate(date)}`);
      // The server lists no empty folder: without files of that day the folder is missing.
      if (!answer.ok && answer.status !== NO_SUCH_FILE) return { ok: false, came: `${folder}: ${answer.says}`, centre };
      const { pairs, unpaired } = paired(folder, answer.ok ? answer.value : []);
      reports = [...reports, ...pairs];
      half.push(...unpaired);
      counts.push(`${folder} ${pairs.length}`);
    }
    return stepResult(centre, `${counts.join(', ')} reports`, [
      ...half.map((name) => `${name} has no counterpart`),
      reports.length === 0 && 'expected them from the start',
    ]);
  });
  if (client === participants.riskLead) {
    for (const report of reports) {
      await results.step(`${client.participant} downloads ${report.data.name} through RAP`, () =>
        fetchReport(client, report, centre),
      );
    }
    return;
  }
  await results.step(`${client.participant} downloads them all through RAP`, async () => {
    const problems: string[] = [];
    for (const report of reports) {
      const { ok, came } = await fetchReport(client, report, centre);
      if (!ok) problems.push(`${report.data.name}: ${came}`);
    }
    return stepResult(centre, `${reports.length} reports, each as its control file says`, problems);
  });
}

async function fetchReport(
  { rap, rapRecords }: Client,
  { folder, data, control }: Listed,
  centre: StepResult['centre'],
): Promise<StepResult> {
  const files: Buffer[] = [];
  for (const { name, sizeBytes } of [data, control]) {
    const answer = await rap.fetch(`${folder}/${name}`);
    if (!answer.ok) return { ok: false, came: answer.says, centre };
    if (answer.value.length !== sizeBytes) {
      return { ok: false, came: `${name}: got ${answer.value.length} bytes, the listing says ${sizeBytes}`, centre };
    }
    files.push(answer.value);
  }
  const [bytes = Buffer.alloc(0), controlZip = Buffer.alloc(0)] = files;
  const { control: facts, csv, faults } = await readRapPackage({ name: data.name, bytes }, controlZip);
  if (facts) rapRecords.set(`${facts.reportId} ${facts.businessDate} ${facts.runTime}`, facts.records);
  return stepResult(centre, `${facts?.records} records, ${csv.length} bytes, SHA-256 as the control file says`, faults);
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
