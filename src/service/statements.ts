import { put } from '../domain/change.ts';
import type { Holding, Instant, MarketDate, Participant, Stock } from '../domain/nouns.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { ReportDefinition } from '../domain/report-catalogue.ts';
import type { FieldValues } from '../wire/field-value.ts';
import type { Layout } from '../wire/layout.ts';
import { writeRecords } from '../wire/report-file.ts';
import { printReport } from '../wire/text-report.ts';
import type { Context } from './context.ts';
import { encoded, runStamp } from './control-report.ts';
import { marketValueCents } from './enquiries.ts';
import { type DraftReport, publish } from './reports.ts';

interface Line {
  readonly holding: Holding;
  readonly stock: Stock;
  readonly valueCents: number;
}

/**
 * Makes the Statement of Stock Balances (ZSBAL01, a mock convention) of every participant as the books stand now, once
 * per business date, dated `run.at`: the run is a change, so whoever is active knows whether it was done. Answers how many were published.
 */
export async function stockBalanceRun(
  context: Context,
  definition: ReportDefinition,
  layout: Layout,
  run: { readonly businessDate: MarketDate; readonly at: Instant; readonly availableAt: Instant },
): Promise<number> {
  const { store, clock, journal, centre } = context;
  const { businessDate, at, availableAt } = run;
  const key = `${definition.id}/${businessDate}`;
  if (store.books.get('run', key)) return 0;
  // All lines are read before the first byte is written, so that every statement shows the same moment.
  const statements = [...store.books.all('participant')].map((participant) => ({
    participant,
    lines: store.books.holdingsOf(participant.id).map((holding) => lineOf(context, holding)),
  }));
  const drafts: DraftReport[] = [];
  for (const { participant, lines } of statements) {
    const texts = {
      data: () =>
        writeRecords(
          layout,
          { participant: participant.id, market: definition.market, businessDate },
          lines.map(record),
        ),
      text: () => printed(definition, participant, businessDate, lines, at),
    };
    for (const format of definition.formats) {
      const kept = await store.blobs.keep(encoded(texts[format]()));
      drafts.push({
        id: definition.id,
        participant: participant.id,
        businessDate,
        madeAt: at,
        availableAt,
        format,
        ...kept,
        batch: null,
      });
    }
  }
  const published = await store.transact((books) => {
    if (books.get('run', key)) return { changes: [], answer: [] };
    const { changes, reports } = publish(books, drafts, definition.market);
    return {
      changes: [...changes, put('run', { run: definition.id, date: businessDate, doneAt: clock.now() })],
      answer: reports,
    };
  });
  if (isRefusal(published) || published.length === 0) return 0;
  journal.note({
    kind: 'run',
    centre,
    detail: { run: definition.id, businessDate, reports: published.length, availableAt },
  });
  return published.length;
}

function lineOf(context: Context, holding: Holding): Line {
  const stock = context.store.books.get('stock', holding.stock);
  if (!stock) throw new Error(`a holding names stock ${holding.stock}, which the books lack`);
  return { holding, stock, valueCents: marketValueCents(holding.quantity, stock.priceMilli) };
}

function record({ holding, stock, valueCents }: Line): FieldValues {
  return {
    account: holding.account,
    stock: stock.code,
    isin: stock.isin,
    name: stock.name.en
      .replace(/[^ -~]/g, '?')
      .slice(0, 20)
      .trimEnd(),
    quantity: holding.quantity,
    priceMilli: stock.priceMilli,
    marketValueCents: valueCents,
    currency: stock.currency,
  };
}

function printed(
  definition: ReportDefinition,
  participant: Participant,
  businessDate: MarketDate,
  lines: readonly Line[],
  at: Instant,
) {
  return printReport({
    reportId: definition.id,
    title: definition.name.en,
    participant: participant.id,
    participantName: participant.name.en,
    ...runStamp(at),
    about: [['BUSINESS DATE', businessDate]],
    columns: [
      { heading: 'ACCOUNT', width: 8, align: 'left' },
      { heading: 'STOCK', width: 5, align: 'left' },
      { heading: 'ISIN', width: 12, align: 'left' },
      { heading: 'NAME', width: 30, align: 'left' },
      { heading: 'QUANTITY', width: 15, align: 'right' },
      { heading: 'PRICE', width: 13, align: 'right' },
      { heading: 'MARKET VALUE', width: 19, align: 'right' },
      { heading: 'CCY', width: 3, align: 'left' },
    ],
    rows: lines.map(({ holding, stock, valueCents }) => [
      holding.account,
      stock.code,
      stock.isin,
      stock.name.en,
      String(holding.quantity),
      (stock.priceMilli / 1000).toFixed(3),
      (valueCents / 100).toFixed(2),
      stock.currency,
    ]),
    footer: () => [['STOCK BALANCES', String(lines.length)]],
  });
}
