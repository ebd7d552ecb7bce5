import { isRefusal, type Refusal } from '../../../src/domain/refusal.ts';
import { listUserRequests, listUsers } from '../../../src/service/access/users.ts';
import * as enquiries from '../../../src/service/ccass/enquiries.ts';
import * as market from '../../../src/service/ccass/market-enquiries.ts';
import { transfers } from '../../../src/service/ccass/transfers.ts';
import { listReports, type OpenReport, openReport } from '../../../src/service/reports/reports.ts';
import { CALLER, DAY, type Id, PARTICIPANTS, STOCKS, type World } from './world.ts';

interface Page {
  readonly rows: readonly unknown[];
  readonly next: string | null;
}

/**
 * Everything that a participant can see: every enquiry, every filter, every page, every report with its bytes, and the
 * answers about numbers and references of other participants.
 */
export async function everythingOf(world: World, participant: Id): Promise<Readonly<Record<string, unknown>>> {
  const { context, catalogue } = world.centre.service;
  const { books } = context.store;
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

  told.profile = enquiries.profile(context, session);
  told['profile of the administrator'] = enquiries.profile(context, administrator);
  for (const stock of stocks) {
    const filter = stock === undefined ? {} : { stock };
    walk(`stock balances ${stock}`, (page) => enquiries.stockBalances(context, session, { ...filter, ...page }));
    walk(`balances of 03 ${stock}`, (page) =>
      enquiries.stockBalances(context, session, { account: '03', ...filter, ...page }),
    );
    walk(`stock movements ${stock}`, (page) => market.stockMovements(context, session, { ...filter, ...page }));
    walk(`movements of 01 ${stock}`, (page) =>
      market.stockMovements(context, session, { account: '01', ...filter, ...page }),
    );
    walk(`transfers ${stock}`, (page) => transfers(context, session, { ...filter, ...page }));
    walk(`instructions ${stock}`, (page) => enquiries.instructions(context, session, { ...filter, ...page }));
    walk(`due positions ${stock}`, (page) => market.duePositions(context, session, { ...filter, ...page }));
    walk(`stocks ${stock}`, (page) => market.stockList(context, { ...filter, ...page }));
  }
  for (const status of STATUSES)
    walk(`instructions ${status}`, (page) => enquiries.instructions(context, session, { status, ...page }));
  for (const counterparty of PARTICIPANTS)
    walk(`instructions with ${counterparty}`, (page) =>
      enquiries.instructions(context, session, { counterparty, ...page }),
    );
  for (const status of ['waiting', 'done'] as const)
    walk(`transfers ${status}`, (page) => transfers(context, session, { status, ...page }));
  for (const row of [...books.all('instruction')].sort((a, b) => (a.number < b.number ? -1 : 1)))
    told[`instruction ${row.number}`] = enquiries.instruction(context, session, row.number);
  told.ledger = market.moneyLedger(context, session, {});
  told['ledger HKD'] = market.moneyLedger(context, session, { currency: 'HKD' });
  walk('postings', (page) => market.moneyMovements(context, session, page));
  walk('postings of the day', (page) =>
    market.moneyMovements(context, session, { date: DAY, currency: 'HKD', ...page }),
  );
  walk('movements of the day', (page) => market.stockMovements(context, session, { date: DAY, ...page }));
  told.users = listUsers(context, administrator, false);
  told['disabled users'] = listUsers(context, administrator, true);
  told['user requests'] = listUserRequests(context, administrator, {});
  walk('broadcasts', (page) => enquiries.broadcasts(context, page));
  walk('batches', (page) => enquiries.batches(context, session, page));
  for (const { reference } of books.all('batch'))
    told[`batch ${reference}`] = enquiries.batch(context, session, reference);
  told.reports = listReports(context, session, {}, catalogue);
  for (const { reference, id, businessDate } of books.all('report')) {
    told[`reports ${id} ${businessDate}`] = listReports(context, session, { id, businessDate }, catalogue);
    const open = openReport(context, session, reference, CALLER, catalogue);
    told[`report ${reference}`] = isRefusal(open) ? open : await textOf(open);
  }
  return told;
}

async function textOf({ report, fill }: OpenReport): Promise<string> {
  const bytes = Buffer.alloc(report.sizeBytes);
  await fill(0, bytes);
  return bytes.toString();
}

/** The enquiries of /ccass/v1 that it covers; add new ones here and above. */
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
