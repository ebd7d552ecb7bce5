import type { Command } from 'commander';
import type { ControlRequest } from '../control/control.ts';
import type { Trade, Words } from '../domain/nouns/market.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import { type CsvRecord, readCsv } from '../wire/csv-table.ts';
import { type CliContext, printAnswer, Refused, table } from './cli-context.ts';
import { connect, type SteerFlags, steeringCommand } from './steering.ts';
import { readUserText } from './user-file.ts';

type Rows = ControlRequest<'addTrades'>['trades'];

/** Headings of a csv of trades; the last two may be left out. */
const COLUMNS = ['participant', 'side', 'stock', 'quantity', 'price', 'tradeDate', 'account'].map((value) => ({
  heading: value,
  value,
}));
/** Faults shown to a person; programs get all of them. */
const SHOWN = 20;

/** The format of each cell. */
const CELLS: readonly (readonly [value: string, fits: RegExp, expected: Words])[] = [
  ['participant', /./, { en: "a clearing participant's ID", zh: '結算參與者編號' }],
  ['side', /^(buy|sell)$/i, { en: 'buy or sell', zh: 'buy（買）或 sell（賣）' }],
  ['stock', /./, { en: 'a stock code', zh: '股份代號' }],
  ['quantity', /^0*[1-9][0-9]*$/, { en: 'a whole number of shares, at least 1', zh: '至少為 1 的整數股數' }],
  ['price', /^[0-9]+(\.[0-9]+)?$/, { en: 'a price such as 43.5', zh: '價格，例如 43.5' }],
  [
    'tradeDate',
    /^([0-9]{4}-[0-9]{2}-[0-9]{2})?$/,
    { en: 'a date such as 2021-07-23, or nothing', zh: '日期（例如 2021-07-23），或留空' },
  ],
  [
    'account',
    /^([0-9]{5}\+)?$/,
    { en: 'a non-clearing participant such as 09951+, or nothing', zh: '非結算參與者（例如 09951+），或留空' },
  ],
];
const NEEDED = COLUMNS.map(({ value }) => value).filter((value) => value !== 'tradeDate' && value !== 'account');

/** `trades list` and `trades add FILE`: trades of the exchange, from which due positions and margin come. */
export function addTradesCommands(program: Command, context: CliContext): void {
  const trades = program
    .command('trades')
    .description('trades of the exchange: what due positions (CNS) and margin come from')
    .addHelpText('after', '\nExamples:\n  trades list --participant B09901\n  trades add trades.csv');
  steeringCommand(trades, 'list', "every trade in the active centre's books", ['trades list --participant B09901'])
    .option('--participant <id>', "one participant's only")
    .action(async ({ participant, ...flags }: SteerFlags & { participant?: string }) => {
      const answer = await connect(flags, context).trades(participant === undefined ? {} : { participant });
      printAnswer(context, flags.json, answer, ({ trades }) =>
        trades.length === 0 ? 'no trade yet' : tradesText(trades),
      );
    });
  steeringCommand(trades, 'add', 'enter trades from a csv or JSON file, all or none', [
    'trades add trades.csv    participant,side,stock,quantity,price[,tradeDate,account]',
    'trades add trades.json   [{ "participant": "B09901", "side": "buy", "stock": "5", "quantity": 400, "price": "43.5" }]',
  ])
    .argument('<file>')
    .action(async (file: string, flags: SteerFlags) => {
      const answer = await connect(flags, context).addTrades({ trades: await rowsOf(file, flags.json ?? false) });
      printAnswer(
        context,
        flags.json,
        answer,
        ({ trades }) => `${trades.length} trades entered\n${tradesText(trades)}`,
      );
    });
}

/** The rows of the file; the harness checks them against its market. @throws Refused if the file is not valid */
async function rowsOf(file: string, json: boolean): Promise<Rows> {
  const text = await readUserText(file, json);
  if (/^\s*[[{]/.test(text)) {
    const parsed = parsedJson(file, text, json);
    return (Array.isArray(parsed) ? parsed : (parsed as { trades: Rows }).trades) as Rows;
  }
  const records = readCsv(file, COLUMNS, NEEDED, text);
  if (isRefusal(records)) throw new Refused(records, json);
  const faults = records.flatMap(faultsOf);
  if (faults.length > 0) throw new Refused(badRows(faults), json);
  return records.map((record) => {
    const [tradeDate, account] = [record.text('tradeDate'), record.text('account')];
    return {
      participant: record.text('participant'),
      side: record.text('side').toLowerCase() as Trade['side'],
      stock: record.text('stock'),
      quantity: Number(record.text('quantity')),
      price: record.text('price'),
      ...(tradeDate === '' ? {} : { tradeDate }),
      ...(account === '' ? {} : { account }),
    };
  });
}

/** The cells of a row that are wrong in any market, by line: a schema would report only the first, by index. */
function faultsOf(record: CsvRecord): readonly Refusal[] {
  return CELLS.flatMap(([value, fits, expected]) =>
    fits.test(record.text(value)) ? [] : [record.fault(value, expected)],
  );
}

function badRows(faults: readonly Refusal[]): Refusal {
  const some = faults.slice(0, SHOWN);
  const list = (language: keyof Words) => some.map(({ detail }) => `\n  ${detail[language]}`).join('');
  const rest = faults.length - some.length;
  return refuse(
    'BAD_FILE',
    {
      en: `Nothing was entered.${list('en')}${rest > 0 ? `\n  And ${rest} more like them.` : ''}`,
      zh: `並未輸入任何買賣。${list('zh')}${rest > 0 ? `\n  另有 ${rest} 項錯誤。` : ''}`,
    },
    { more: { faults: faults.map(({ more }) => more) } },
  );
}

function parsedJson(file: string, text: string, json: boolean): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    const detail = {
      en: `${file} is not valid JSON: ${says}. Correct it, or use a csv with the columns ${NEEDED.join(',')}.`,
      zh: `${file} 並非 JSON：${says}。請更正，或提供欄目為 ${NEEDED.join(',')} 的 csv。`,
    };
    throw new Refused(refuse('BAD_FILE', detail), json);
  }
}

function tradesText(trades: readonly Trade[]): string {
  return table(
    ['trade', 'participant', 'side', 'stock', 'quantity', 'amount', 'traded', 'settles', 'account'],
    trades.map((trade) => [
      trade.number,
      trade.participant,
      trade.side,
      trade.stock,
      trade.quantity,
      `${trade.currency} ${(trade.amountCents / 100).toFixed(2)}`,
      trade.tradeDate,
      trade.settlementDate,
      trade.account ?? '',
    ]),
  );
}
