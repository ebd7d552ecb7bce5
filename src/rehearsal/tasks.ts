import type { Balance } from '../api/ccass/enquiries.ts';
import type { Report } from '../api/ccass/reports.ts';
import type { NewInstruction } from '../client/participant-files.ts';
import { firstBusinessDay, isoHkt, marketDate, previousBusinessDay } from '../domain/calendar/calendar.ts';
import type { Player } from './cast.ts';
import { type Found, good, refusedInstead } from './score.ts';
import type { Stage } from './stage.ts';

/** The circular's tasks of CCASS, one function each. */

/** Small, so that an enquiry has pages to walk. */
const PAGE_SIZE = 5;
const ROWS = 2;
const SHARES = 100;

/** How a step names who does it. */
export function nameOf({ participant, registered }: Player): string {
  return registered ? participant : `${participant}, not registered,`;
}

/** On-line enquiries: own profile, stock balances and settlement instructions. */
export async function enquire(stage: Stage, player: Player): Promise<void> {
  await stage.score.step(
    `${player.participant} enquires its profile, stock balances and settlement instructions`,
    async () => {
      const profile = await player.client.profile();
      if (!profile.ok) return refusedInstead(profile);
      const balances = await player.client.stockBalances(PAGE_SIZE);
      if (!balances.ok) return refusedInstead(balances);
      const instructions = await player.client.settlementInstructions(PAGE_SIZE);
      if (instructions.ok && player === stage.cast.lead) {
        stage.books ??= { balances: balances.value.rows, instructions: instructions.value.rows };
      }
      return good(instructions, ({ rows }) => ({
        says: `${profile.value.accounts.length} accounts, ${balances.value.rows.length} balances on ${balances.value.pages} pages, ${rows.length} SIs`,
        wrong: [
          profile.value.participant.id !== player.participant &&
            `the profile is that of ${profile.value.participant.id}`,
        ],
      }));
    },
  );
}

/** The notices that the rehearsal file has sent by now. */
export async function readBroadcasts(stage: Stage, player: Player): Promise<void> {
  const { score, rehearsal, time } = stage;
  await score.step(`${player.participant} reads the broadcast messages`, async () => {
    const now = await time.now();
    const due = rehearsal.notices.filter(({ at }) => stage.before.market.at < at && at <= now);
    return good(await player.client.broadcasts(), (rows) => {
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

/** A ZSIUP01 made for the market date is taken, known again, worked through and found. */
export async function upload(stage: Stage): Promise<void> {
  const { score, time } = stage;
  const { client, participant } = stage.cast.lead;
  let bytes = new Uint8Array();

  await score.step(`${participant} makes a ZSIUP01 for the market date and uploads it`, async () => {
    const batches = await client.batches();
    if (!batches.ok) return refusedInstead(batches);
    const date = marketDate(await time.now());
    const sequence =
      1 + Math.max(0, ...batches.value.filter((one) => one.businessDate === date).map((one) => Number(one.sequence)));
    bytes = new Uint8Array(
      stage.instructionFile({
        participant,
        marketDate: date,
        sequence,
        instructions: instructions(stage, date, sequence),
      }),
    );
    return good(await client.uploadBatch(bytes), (batch) => {
      stage.batch = batch;
      return {
        says: `batch ${batch.reference}, ${bytes.length} bytes`,
        wrong: [batch.repeat === true && 'it is said to be known already'],
      };
    });
  });
  const { batch } = stage;
  if (!batch) return;

  await score.step('the same bytes again, compressed, give the same reference', async () =>
    good(await client.uploadBatch(bytes, { gzip: true }), ({ reference, repeat }) => ({
      says: reference,
      wrong: [
        reference !== batch.reference && `${batch.reference} was expected`,
        repeat !== true && 'it is not said to be known',
      ],
    })),
  );
  await score.step('the batch is processed', async () =>
    good(await client.waitForBatch(batch.reference, () => time.settle()), (after) => {
      stage.batch = after;
      const { status, accepted, refused, fault } = after;
      return {
        says: `${status}, ${accepted} accepted, ${refused} refused`,
        wrong: [
          status !== 'processed' && `${fault?.code ?? 'processed'} was not expected`,
          accepted !== ROWS && `${ROWS} were sent`,
        ],
      };
    }),
  );
  await findInstructions(stage, ROWS);
  await readControlReport(stage);
}

/** Two instructions over the first stock of the lead's own balances. */
function instructions({ books, cast, holidays }: Stage, date: string, sequence: number): NewInstruction[] {
  const balance = books?.balances[0];
  const other = [...cast.taking, cast.absent, cast.unregistered].find((player) => player && player !== cast.lead);
  if (!balance || !other)
    throw new Error('an instruction needs a stock of its own and a counterparty: give the market both');
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

/** The batch's instructions are in the books: all of them, or after the roll-back none. */
export async function findInstructions(stage: Stage, expected: number): Promise<void> {
  const { batch, cast } = stage;
  if (!batch) return;
  await stage.score.step(`${cast.lead.participant} looks for the instructions of batch ${batch.reference}`, async () =>
    good(await cast.lead.client.settlementInstructions(PAGE_SIZE), ({ rows }) => {
      const found = rows.filter((row) => row.batch === batch.reference);
      return {
        says: found.length === 0 ? 'none' : found.map((row) => `${row.number} ${row.status}`).join(', '),
        wrong: [found.length !== expected && `${expected} were expected`],
      };
    }),
  );
}

/** ZSICR01 of the lead's batch, downloaded and held against what was accepted. */
export async function readControlReport(stage: Stage): Promise<void> {
  const { batch, score, cast } = stage;
  if (!batch) return;
  const { client, participant } = cast.lead;
  let rows: readonly Report[] = [];
  await score.step(`${participant} lists ZSICR01 of batch ${batch.reference}`, async () =>
    good(await client.reports({ id: 'ZSICR01' }), (all) => {
      rows = all.filter((row) => row.batch === batch.reference);
      return {
        says: rows.map((row) => row.format).join(' and ') || 'none',
        wrong: [rows.length === 0 && 'it should be there as soon as the batch is done'],
      };
    }),
  );
  for (const row of rows) {
    await download(stage, row, ({ header, details }) => [
      header.batch !== batch.reference && `it is that of ${header.batch}`,
      details.filter((record) => record.outcome === 'A').length !== batch.accepted && `${batch.accepted} were accepted`,
    ]);
  }
}

/** The scheduled reports of the business day before, each downloaded whole, and one in two ranges as well. */
export async function downloadEarlier(stage: Stage): Promise<void> {
  const { score, cast, time, holidays } = stage;
  const { client, participant } = cast.lead;
  const date = previousBusinessDay(marketDate(await time.now()), holidays);
  let rows: readonly Report[] = [];
  await score.step(`${participant} lists the reports of ${date}, the business day before`, async () =>
    good(await client.reports({ businessDate: date }), (all) => {
      rows = all;
      return {
        says: all.map((row) => `${row.id} ${row.format}`).join(', ') || 'none',
        wrong: [all.length === 0 && 'they should be there from the start'],
      };
    }),
  );
  for (const row of rows) await download(stage, row);
  const [first] = rows;
  if (first)
    await score.step(`${participant} downloads ${first.fileName} in two ranges`, () => inTwoRanges(stage, first));
}

type Records = {
  readonly header: Readonly<Record<string, unknown>>;
  readonly details: readonly Readonly<Record<string, unknown>>[];
};

export async function download(
  stage: Stage,
  row: Report,
  look: (records: Records) => (string | false)[] = () => [],
): Promise<void> {
  const { client, participant } = stage.cast.lead;
  await stage.score.step(`${participant} downloads ${row.fileName}`, async () =>
    good(await client.download(row.reference), ({ bytes, fault, records }) => ({
      says: `${bytes.length} bytes${records ? `, ${records.details.length} records, integrity and SHA-256 in order` : ', SHA-256 in order'}`,
      wrong: [
        fault ?? false,
        bytes.length !== row.sizeBytes && `${row.sizeBytes} bytes were announced`,
        ...(records ? look(records) : []),
      ],
    })),
  );
}

async function inTwoRanges(stage: Stage, row: Report): Promise<Found> {
  const { client } = stage.cast.lead;
  const middle = Math.floor(row.sizeBytes / 2);
  const head = await client.download(row.reference, { range: `0-${middle - 1}` });
  if (!head.ok) return refusedInstead(head);
  const tail = await client.download(row.reference, { range: `${middle}-` });
  if (!tail.ok) return refusedInstead(tail);
  return good(await client.download(row.reference), ({ bytes }) => ({
    says: `${head.value.bytes.length} and ${tail.value.bytes.length} bytes`,
    wrong: [!bytes.equals(Buffer.concat([head.value.bytes, tail.value.bytes])) && 'together they are another file'],
  }));
}
