import { readRapPackage } from '../client/rap-package.ts';
import type { RapEntry } from '../client/rap-user.ts';
import { compactDate, marketDate, previousBusinessDay } from '../domain/calendar/calendar.ts';
import type { Player } from './cast.ts';
import { type Found, found } from './score.ts';
import type { Stage } from './stage.ts';

const NO_SUCH_FILE = 2;
const FOLDERS = ['INBOX', 'COMMON', 'RPF'] as const;

/** A report of which both files are in RAP. */
interface Listed {
  readonly folder: string;
  readonly data: RapEntry;
  readonly control: RapEntry;
}

/** The ORP reports and data files of the business day before: each a data and a control zip, which have to agree. */
export async function fetchReports(stage: Stage, player: Player): Promise<void> {
  const { score, time, holidays, cast } = stage;
  const date = previousBusinessDay(marketDate(await time.now()), holidays);
  const centre = player.rapOn?.session.centre ?? null;
  let reports: readonly Listed[] = [];
  await score.step(`${player.participant} lists the ORP reports of ${date} in RAP`, async () => {
    const half: string[] = [];
    const counts: string[] = [];
    for (const folder of FOLDERS) {
      const answer = await player.rap.list(`/${folder}/${compactDate(date)}`);
      // No folder is empty: without a file of that day there is none.
      if (!answer.ok && answer.status !== NO_SUCH_FILE) return { ok: false, came: `${folder}: ${answer.says}`, centre };
      const { pairs, alone } = paired(folder, answer.ok ? answer.value : []);
      reports = [...reports, ...pairs];
      half.push(...alone);
      counts.push(`${folder} ${pairs.length}`);
    }
    return found(centre, `${counts.join(', ')} reports`, [
      ...half.map((name) => `${name} stands alone`),
      reports.length === 0 && 'they should be there from the start',
    ]);
  });
  if (player === cast.riskLead) {
    for (const report of reports) {
      await score.step(`${player.participant} downloads ${report.data.name} through RAP`, () =>
        fetched(player, report, centre),
      );
    }
    return;
  }
  await score.step(`${player.participant} downloads them all through RAP`, async () => {
    const faults: string[] = [];
    for (const report of reports) {
      const { ok, came } = await fetched(player, report, centre);
      if (!ok) faults.push(`${report.data.name}: ${came}`);
    }
    return found(centre, `${reports.length} reports, each as its control file says`, faults);
  });
}

async function fetched(
  { rap, rapRecords }: Player,
  { folder, data, control }: Listed,
  centre: Found['centre'],
): Promise<Found> {
  const files: Buffer[] = [];
  for (const { name, sizeBytes } of [data, control]) {
    const answer = await rap.fetch(`${folder}/${name}`);
    if (!answer.ok) return { ok: false, came: answer.says, centre };
    if (answer.value.length !== sizeBytes) {
      return { ok: false, came: `${name}: ${answer.value.length} bytes, ${sizeBytes} were listed`, centre };
    }
    files.push(answer.value);
  }
  const [bytes = Buffer.alloc(0), beside = Buffer.alloc(0)] = files;
  const { control: told, csv, faults } = await readRapPackage({ name: data.name, bytes }, beside);
  if (told) rapRecords.set(`${told.reportId} ${told.businessDate} ${told.runTime}`, told.records);
  return found(centre, `${told?.records} records, ${csv.length} bytes, SHA-256 as the control file says`, faults);
}

/** Data and control files of one folder, by the name that they share; what has no counterpart stands alone. */
function paired(folder: string, entries: readonly RapEntry[]): { pairs: readonly Listed[]; alone: readonly string[] } {
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
    alone: entries.filter(({ name }) => (other(name) ?? byName.get(name)) === byName.get(name)).map(({ name }) => name),
  };
}
