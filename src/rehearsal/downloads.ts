import type { Report } from '../api/ccass/reports.ts';
import { marketDate } from '../domain/calendar/calendar.ts';
import type { Words } from '../domain/nouns/market.ts';
import { expectValue, type StepResult, unexpectedRefusal } from './results.ts';
import { listed, type Said, say } from './said.ts';
import type { Setting } from './setting.ts';

/** The circular's download of CCASS reports and data files (下載 CCASS 報表／資料檔). */

export const FORMAT_WORDS: Readonly<Record<Report['format'], Words>> = {
  text: { en: 'text', zh: '列印報表' },
  data: { en: 'data', zh: '資料檔' },
};

/** The scheduled reports that came before the day, each downloaded whole, and one also in two ranges. */
export async function downloadEarlier(setting: Setting): Promise<void> {
  const { results, participants, time } = setting;
  const { ccass, participant } = participants.lead;
  const today = marketDate(await time.now());
  let rows: readonly Report[] = [];
  await results.step(
    say(
      '{} lists the reports and data files that came before {}',
      '{} 查閱 {} 之前提供的報表及資料檔',
      participant,
      today,
    ),
    async () =>
      expectValue(await ccass.reports(), (all) => {
        rows = all.filter((row) => row.batch === null);
        const early = rows.find((row) => row.availableAt.slice(0, today.length) >= today);
        return {
          says: listed(
            rows.map((row) =>
              say('{} {} of {}', '{} {}（{}）', ...[row.id, FORMAT_WORDS[row.format], row.businessDate]),
            ),
          ),
          wrong: [
            ...(['text', 'data'] as const).map(
              (format) =>
                !rows.some((row) => row.format === format) &&
                say('expected {} from the start', '開始時應有{}', FORMAT_WORDS[format]),
            ),
            early !== undefined &&
              say(
                '{} of {} is there although it came at {}',
                '{}（{}）於 {} 才提供，不應可供查閱',
                early.id,
                early.businessDate,
                early.availableAt,
              ),
          ],
        };
      }),
  );
  for (const row of rows) await download(setting, row);
  const [first] = rows;
  if (first)
    await results.step(say('{} downloads {} in two ranges', '{} 分兩段下載 {}', participant, first.fileName), () =>
      inTwoRanges(setting, first),
    );
}

type Records = {
  readonly header: Readonly<Record<string, unknown>>;
  readonly details: readonly Readonly<Record<string, unknown>>[];
};

/** Downloads a report whole; one without rows is empty if the books have none of its day either, and otherwise a failure. */
export async function download(
  setting: Setting,
  row: Report,
  check: (records: Records) => readonly (Said | false)[] = () => [],
): Promise<void> {
  const { ccass, participant } = setting.participants.lead;
  await setting.results.step(say('{} downloads {}', '{} 下載 {}', participant, row.fileName), async () => {
    const answer = await ccass.download(row.reference);
    if (!answer.ok) return unexpectedRefusal(answer);
    const { bytes, fault, records, printedRows } = answer.value;
    const count = records?.details.length ?? printedRows;
    const explained = count === 0 ? await whyWithoutRows(setting, row) : null;
    return expectValue(answer, () => ({
      says: listed([
        say('{} bytes', '{} 位元組', bytes.length),
        ...(records ? [say('{} records', '{} 項記錄', records.details.length)] : []),
        ...(printedRows === null ? [] : [say('{} rows', '{} 行', printedRows)]),
        records
          ? say('integrity and SHA-256 in order', '完整性及 SHA-256 無誤')
          : say('SHA-256 in order', 'SHA-256 無誤'),
      ]),
      wrong: [
        fault ?? false,
        bytes.length !== row.sizeBytes && say('the list says {} bytes', '清單所示為 {} 位元組', row.sizeBytes),
        bytes.length === 0 && say('the file is empty', '檔案並無內容'),
        count === 0 && explained === null && say('expected figures: it has none', '應有數據，但並無任何一項'),
        ...(records ? check(records) : []),
      ],
      empty: explained ?? false,
    }));
  });
}

/** Why a report may have no rows, by the participant's own enquiry of what it reports on; null if it should have some. */
async function whyWithoutRows({ participants }: Setting, { id, businessDate }: Report): Promise<Said | null> {
  const { ccass } = participants.lead;
  if (id === 'ZSMOV01') {
    const moved = await ccass.stockMovements({ date: businessDate });
    return moved.ok && moved.value.rows.length === 0
      ? say('no shares of it moved on {}', '{} 並無股份變動', businessDate)
      : null;
  }
  if (id === 'ZSILS01') {
    const all = await ccass.settlementInstructions();
    const had = all.ok && all.value.rows.some(({ inputAt }) => inputAt.slice(0, businessDate.length) <= businessDate);
    return all.ok && !had ? say('it had no settlement instruction on {}', '{} 並無交收指示', businessDate) : null;
  }
  return null;
}

async function inTwoRanges(setting: Setting, row: Report): Promise<StepResult> {
  const { ccass } = setting.participants.lead;
  const middle = Math.floor(row.sizeBytes / 2);
  const head = await ccass.download(row.reference, { range: `0-${middle - 1}` });
  if (!head.ok) return unexpectedRefusal(head);
  const tail = await ccass.download(row.reference, { range: `${middle}-` });
  if (!tail.ok) return unexpectedRefusal(tail);
  return expectValue(await ccass.download(row.reference), ({ bytes }) => ({
    says: say('{} and {} bytes', '{} 及 {} 位元組', head.value.bytes.length, tail.value.bytes.length),
    wrong: [
      bytes.length === 0 && say('the file is empty', '檔案並無內容'),
      !bytes.equals(Buffer.concat([head.value.bytes, tail.value.bytes])) &&
        say('together they differ from the whole file', '合併後與整個檔案不同'),
    ],
  }));
}
