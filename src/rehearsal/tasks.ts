import type { Balance } from '../api/ccass/enquiries.ts';
import type { Report } from '../api/ccass/reports.ts';
import type { NewInstruction } from '../client/participant-files.ts';
import { firstBusinessDay, isoHkt, marketDate } from '../domain/calendar/calendar.ts';
import type { Client } from './participants.ts';
import { expectValue, type StepResult, unexpectedRefusal } from './results.ts';
import type { Setting } from './setting.ts';

/** The circular's CCASS tasks, one function each. */

/** Small, so that enquiries have several pages. */
const PAGE_SIZE = 5;
const ROWS = 2;
const SHARES = 100;

/** How steps name a participant. */
export function nameOf({ participant, registered }: Client): string {
  return registered ? participant : `${participant}, not registered,`;
}

/** On-line enquiries: own profile, stock balances and settlement instructions. */
export async function enquire(setting: Setting, client: Client): Promise<void> {
  await setting.results.step(
    `${client.participant} enquires its profile, stock balances and settlement instructions`,
    async () => {
      const profile = await client.ccass.profile();
      if (!profile.ok) return unexpectedRefusal(profile);
      const balances = await client.ccass.stockBalances(PAGE_SIZE);
      if (!balances.ok) return unexpectedRefusal(balances);
      const instructions = await client.ccass.settlementInstructions(PAGE_SIZE);
      if (instructions.ok && client === setting.participants.lead) {
        setting.books ??= { balances: balances.value.rows, instructions: instructions.value.rows };
      }
      return expectValue(instructions, ({ rows }) => ({
        says: `${profile.value.accounts.length} accounts, ${balances.value.rows.length} balances on ${balances.value.pages} pages, ${rows.length} SIs`,
        wrong: [
          profile.value.participant.id !== client.participant &&
            `the profile is that of ${profile.value.participant.id}`,
        ],
      }));
    },
  );
}

/** The broadcasts include every notice that is due by the rehearsal file. */
export async function readBroadcasts(setting: Setting, client: Client): Promise<void> {
  const { results, rehearsal, time } = setting;
  await results.step(`${client.participant} reads the broadcast messages`, async () => {
    const now = await time.now();
    const due = rehearsal.notices.filter(({ at }) => setting.before.market.at < at && at <= now);
    return expectValue(await client.ccass.broadcasts(), (rows) => {
      const missing = due.filter(
        ({ at, subject }) => !rows.some((row) => row.at === isoHkt(at) && row.subject.zh === subject.zh),
      );
      return {
        says: `messages: ${rows.length}${rows[0] ? `, the newest "${rows[0].subject.en}"` : ''}`,
        wrong: missing.map(({ subject }) => `"${subject.en}" is missing`),
      };
    });
  });
}

/** A ZSIUP01 for the market date is accepted, recognised when repeated, processed, and its instructions are found. */
export async function upload(setting: Setting): Promise<void> {
  const { results, time } = setting;
  const { ccass, participant } = setting.participants.lead;
  let bytes = new Uint8Array();

  await results.step(`${participant} makes a ZSIUP01 for the market date and uploads it`, async () => {
    const batches = await ccass.batches();
    if (!batches.ok) return unexpectedRefusal(batches);
    const date = marketDate(await time.now());
    const sequence =
      1 + Math.max(0, ...batches.value.filter((one) => one.businessDate === date).map((one) => Number(one.sequence)));
    bytes = new Uint8Array(
      setting.instructionFile({
        participant,
        marketDate: date,
        sequence,
        instructions: instructions(setting, date, sequence),
      }),
    );
    return expectValue(await ccass.uploadBatch(bytes), (batch) => {
      setting.batch = batch;
      return {
        says: `batch ${batch.reference}, ${bytes.length} bytes`,
        wrong: [batch.repeat === true && 'it is marked as a repeat'],
      };
    });
  });
  const { batch } = setting;
  if (!batch) return;

  await results.step('the same bytes again, compressed, give the same reference', async () =>
    expectValue(await ccass.uploadBatch(bytes, { gzip: true }), ({ reference, repeat }) => ({
      says: reference,
      wrong: [
        reference !== batch.reference && `expected ${batch.reference}`,
        repeat !== true && 'it is not marked as a repeat',
      ],
    })),
  );
  await results.step('the batch is processed', async () =>
    expectValue(await ccass.waitForBatch(batch.reference, () => time.settle()), (after) => {
      setting.batch = after;
      const { status, accepted, refused, fault } = after;
      return {
        says: `${status}, ${accepted} accepted, ${refused} refused`,
        wrong: [
          status !== 'processed' && `${fault?.code ?? status}, expected processed`,
          accepted !== ROWS && `expected ${ROWS} accepted`,
        ],
      };
    }),
  );
  await findInstructions(setting, ROWS);
  await readControlReport(setting);
}

/** Two instructions for the first stock in the lead's balances. */
function instructions({ books, participants, holidays }: Setting, date: string, sequence: number): NewInstruction[] {
  const balance = books?.balances[0];
  const other = [...participants.attending, participants.absent, participants.unregistered].find(
    (client) => client && client !== participants.lead,
  );
  if (!balance || !other) throw new Error('the lead needs a stock balance and a counterparty: add both to the market');
  const common = {
    side: 'D' as const,
    stock: balance.stock,
    isin: balance.isin,
    quantity: SHARES,
    counterparty: other.participant,
    account: balance.account,
    settlementDate: firstBusinessDay(date, holidays),
    narrative: 'REHEARSAL',
  };
  const reference = (row: number) => `RH${date.replaceAll('-', '')}${String(sequence).padStart(4, '0')}${row}`;
  return [
    {
      ...common,
      reference: reference(1),
      payment: 'DVP',
      currency: currencyOf(balance),
      amountCents: amountCents(balance),
    },
    { ...common, reference: reference(2), payment: 'FOP', currency: '', amountCents: 0 },
  ];
}

function currencyOf({ currency }: Balance): 'HKD' | 'CNY' | 'USD' {
  return currency === 'CNY' || currency === 'USD' ? currency : 'HKD';
}

/** The market value of the shares, at least a cent. */
function amountCents({ price }: Balance): number {
  return Math.max(1, Math.round(Number(price) * SHARES * 100));
}

/** The batch's instructions are in the books: all of them, or none after the roll-back. */
export async function findInstructions(setting: Setting, expected: number): Promise<void> {
  const { batch, participants } = setting;
  if (!batch) return;
  await setting.results.step(
    `${participants.lead.participant} looks for the instructions of batch ${batch.reference}`,
    async () =>
      expectValue(await participants.lead.ccass.settlementInstructions(PAGE_SIZE), ({ rows }) => {
        const found = rows.filter((row) => row.batch === batch.reference);
        return {
          says: found.length === 0 ? 'none' : found.map((row) => `${row.number} ${row.status}`).join(', '),
          wrong: [found.length !== expected && `expected ${expected}`],
        };
      }),
  );
}

/** ZSICR01 of the lead's batch, downloaded and compared with the accepted rows. */
export async function readControlReport(setting: Setting): Promise<void> {
  const { batch, results, participants } = setting;
  if (!batch) return;
  const { ccass, participant } = participants.lead;
  let rows: readonly Report[] = [];
  await results.step(`${participant} lists ZSICR01 of batch ${batch.reference}`, async () =>
    expectValue(await ccass.reports({ id: 'ZSICR01' }), (all) => {
      rows = all.filter((row) => row.batch === batch.reference);
      return {
        says: rows.map((row) => row.format).join(' and ') || 'none',
        wrong: [rows.length === 0 && 'expected it as soon as the batch is processed'],
      };
    }),
  );
  for (const row of rows) {
    await download(setting, row, ({ header, details }) => [
      header.batch !== batch.reference && `it belongs to ${header.batch}`,
      details.filter((record) => record.outcome === 'A').length !== batch.accepted &&
        `expected ${batch.accepted} accepted records`,
    ]);
  }
}

/** The scheduled reports that came before the day, each downloaded whole, and one also in two ranges. */
export async function downloadEarlier(setting: Setting): Promise<void> {
  const { results, participants, time } = setting;
  const { ccass, participant } = participants.lead;
  const today = marketDate(await time.now());
  let rows: readonly Report[] = [];
  await results.step(`${participant} lists the reports and data files that came before ${today}`, async () =>
    expectValue(await ccass.reports(), (all) => {
      rows = all.filter((row) => row.batch === null);
      const early = rows.find((row) => row.availableAt.slice(0, today.length) >= today);
      return {
        says: rows.map((row) => `${row.id} ${row.format} of ${row.businessDate}`).join(', ') || 'none',
        wrong: [
          ...(['text', 'data'] as const).map(
            (format) => !rows.some((row) => row.format === format) && `expected ${format} from the start`,
          ),
          early !== undefined &&
            `${early.id} of ${early.businessDate} is there although it came at ${early.availableAt}`,
        ],
      };
    }),
  );
  for (const row of rows) await download(setting, row);
  const [first] = rows;
  if (first)
    await results.step(`${participant} downloads ${first.fileName} in two ranges`, () => inTwoRanges(setting, first));
}

type Records = {
  readonly header: Readonly<Record<string, unknown>>;
  readonly details: readonly Readonly<Record<string, unknown>>[];
};

export async function download(
  setting: Setting,
  row: Report,
  check: (records: Records) => (string | false)[] = () => [],
): Promise<void> {
  const { ccass, participant } = setting.participants.lead;
  await setting.results.step(`${participant} downloads ${row.fileName}`, async () =>
    expectValue(await ccass.download(row.reference), ({ bytes, fault, records }) => ({
      says: `${bytes.length} bytes${records ? `, ${records.details.length} records, integrity and SHA-256 in order` : ', SHA-256 in order'}`,
      wrong: [
        fault ?? false,
        bytes.length !== row.sizeBytes && `the list says ${row.sizeBytes} bytes`,
        ...(records ? check(records) : []),
      ],
    })),
  );
}

async function inTwoRanges(setting: Setting, row: Report): Promise<StepResult> {
  const { ccass } = setting.participants.lead;
  const middle = Math.floor(row.sizeBytes / 2);
  const head = await ccass.download(row.reference, { range: `0-${middle - 1}` });
  if (!head.ok) return unexpectedRefusal(head);
  const tail = await ccass.download(row.reference, { range: `${middle}-` });
  if (!tail.ok) return unexpectedRefusal(tail);
  return expectValue(await ccass.download(row.reference), ({ bytes }) => ({
    says: `${head.value.bytes.length} and ${tail.value.bytes.length} bytes`,
    wrong: [
      !bytes.equals(Buffer.concat([head.value.bytes, tail.value.bytes])) && 'together they differ from the whole file',
    ],
  }));
}
