import type { MarketFileName, MarketFiles } from './market-schema.ts';
import type { ReportProblem } from './problems.ts';

/** 9,999,999,999,999 in thousandths: the largest settlement amount, without its cents. */
const MOST_LOT_MILLI = 9_999_999_999_999_000n;

/** Checks figures that are too large only together; the schemas check each by itself. */
export function checkFigures(files: MarketFiles, reportIn: (name: MarketFileName) => ReportProblem): void {
  checkBoardLots(files['stocks.json'].content?.stocks ?? [], reportIn('stocks.json'));
  checkTotals(files['holdings.json'].content?.holdings ?? [], reportIn('holdings.json'));
}

type Rows<F extends MarketFileName, Member extends keyof NonNullable<MarketFiles[F]['content']>> = NonNullable<
  MarketFiles[F]['content']
>[Member];

/** No settlement instruction could pay for a lot that is worth more, and no trade of it be booked. */
function checkBoardLots(stocks: Rows<'stocks.json', 'stocks'>, report: ReportProblem): void {
  stocks.forEach(({ boardLot, priceMilli }, i) => {
    if (BigInt(boardLot) * BigInt(priceMilli) <= MOST_LOT_MILLI) return;
    const most = MOST_LOT_MILLI / BigInt(priceMilli);
    report(
      `stocks[${i}].boardLot`,
      boardLot,
      `at most ${most} at a price of ${priceMilli} thousandths: an instruction has to pay for it`,
    );
  });
}

/** Shares only move from one holding to another, so no balance ever exceeds the sum of all. */
function checkTotals(holdings: Rows<'holdings.json', 'holdings'>, report: ReportProblem): void {
  const totals = new Map<string, number>();
  holdings.forEach(({ stock, quantity }, i) => {
    const room = Number.MAX_SAFE_INTEGER - (totals.get(stock) ?? 0);
    if (quantity <= room) totals.set(stock, (totals.get(stock) ?? 0) + quantity);
    else {
      const expected = `at most ${room}: all holdings of ${stock} together are at most ${Number.MAX_SAFE_INTEGER} shares`;
      report(`holdings[${i}].quantity`, quantity, expected);
    }
  });
}
