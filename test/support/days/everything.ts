import { isRefusal, type Refusal } from '../../../src/domain/refusal.ts';
import type { OpenReport } from '../../../src/service/reports/reports.ts';
import { CALLER, DAY, type Id, PARTICIPANTS, STOCKS, type World } from './world.ts';

interface Page {
  readonly rows: readonly unknown[];
  readonly next: string | null;
}

/**
 * Everything that a participant can be told: every verb that enquires, every filter, every page, every report with its
 * bytes, and what he is answered about numbers and references that are another's.
 */
export async function everythingOf(world: World, participant: Id): Promise<Readonly<Record<string, unknown>>> {
  const { service, store } = world.centre;
  const { books } = store;
  const session = world.session(participant);
  const administrator = world.session(participant, 'DAMAKER1');
  const told: Record<string, unknown> = {};
  const walk = (name: string, enquire: (query: { cursor?: string; limit: number }) => Page | Refusal) => {
    const rows: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page | Refusal = enquire({ limit: 2, ...(cursor === '' ? {} : { cursor }) });
      if (isRefusal(page)) throw new Error(`${name}: ${page.detail.en}`);
      rows.push(...page.rows);
      cursor = page.next;
    }
    told[name] = rows;
  };
  const stocks = [undefined, ...STOCKS.map(([code]) => code)];

  told.profile = service.profile(session);
  told['profile of the administrator'] = service.profile(administrator);
  for (const stock of stocks) {
    const filter = stock === undefined ? {} : { stock };
    walk(`stock balances ${stock}`, (page) => service.stockBalances(session, { ...filter, ...page }));
    walk(`balances of 03 ${stock}`, (page) => service.stockBalances(session, { account: '03', ...filter, ...page }));
    walk(`stock movements ${stock}`, (page) => service.stockMovements(session, { ...filter, ...page }));
    walk(`movements of 01 ${stock}`, (page) => service.stockMovements(session, { account: '01', ...filter, ...page }));
    walk(`transfers ${stock}`, (page) => service.transfers(session, { ...filter, ...page }));
    walk(`instructions ${stock}`, (page) => service.instructions(session, { ...filter, ...page }));
    walk(`due positions ${stock}`, (page) => service.duePositions(session, { ...filter, ...page }));
    walk(`stocks ${stock}`, (page) => service.stockList(session, { ...filter, ...page }));
  }
  for (const status of STATUSES)
    walk(`instructions ${status}`, (page) => service.instructions(session, { status, ...page }));
  for (const counterparty of PARTICIPANTS)
    walk(`instructions with ${counterparty}`, (page) => service.instructions(session, { counterparty, ...page }));
  for (const status of ['waiting', 'done'] as const)
    walk(`transfers ${status}`, (page) => service.transfers(session, { status, ...page }));
  for (const row of [...books.all('instruction')].sort((a, b) => (a.number < b.number ? -1 : 1)))
    told[`instruction ${row.number}`] = service.instruction(session, row.number);
  told.ledger = service.moneyLedger(session, {});
  told['ledger HKD'] = service.moneyLedger(session, { currency: 'HKD' });
  walk('postings', (page) => service.moneyMovements(session, page));
  walk('postings of the day', (page) => service.moneyMovements(session, { date: DAY, currency: 'HKD', ...page }));
  walk('movements of the day', (page) => service.stockMovements(session, { date: DAY, ...page }));
  told.users = service.users(administrator, false);
  told['disabled users'] = service.users(administrator, true);
  told['user requests'] = service.userRequests(administrator, {});
  walk('broadcasts', (page) => service.broadcasts(session, page));
  walk('batches', (page) => service.batches(session, page));
  for (const { reference } of books.all('batch')) told[`batch ${reference}`] = service.batch(session, reference);
  told.reports = service.reports(session, {});
  for (const { reference, id, businessDate } of books.all('report')) {
    told[`reports ${id} ${businessDate}`] = service.reports(session, { id, businessDate });
    const open = service.openReport(session, reference, CALLER);
    told[`report ${reference}`] = isRefusal(open) ? open : await textOf(open);
  }
  return told;
}

async function textOf({ report, fill }: OpenReport): Promise<string> {
  const bytes = Buffer.alloc(report.sizeBytes);
  await fill(0, bytes);
  return bytes.toString();
}

/** The enquiries of /ccass/v1 that it goes through; one that is new has to come here and into it. */
export const ENQUIRIES = [
  ...['profile', 'stock-balances', 'settlement-instructions', 'settlement-instructions/{number}', 'due-positions'],
  ...[
    'money-ledger',
    'money-ledger/postings',
    'stocks',
    'stock-movements',
    'account-transfers',
    'broadcasts',
    'batches',
    'batches/{reference}',
  ],
  ...['reports', 'reports/{reference}', 'users', 'users/disabled', 'users/requests'],
];

const STATUSES = [
  'pending',
  'unmatched',
  'matched',
  'matched-on-hold',
  'shares-on-hold',
  'settled',
  'deleted',
  'purged',
] as const;
