import type { Figure, MarginResult, TailFigures } from '../domain/margin/calculation.ts';
import { table } from './cli-context.ts';

type Row = readonly [label: string, figure: Figure, explained?: string];

/** A result for a person: the sum from component to total, each with what explains it, then groups, tails and warnings. */
export function marginText(result: MarginResult): string {
  const { detail } = result;
  return [
    `SIMULATED - by the published guide and mock conventions (docs/fidelity.md), not by HKSCC\nIMRPF of ${result.valuationDate}, amounts in HKD`,
    sumText(result),
    ...(Object.keys(detail.groups).length > 0 ? [groupsText(result)] : []),
    ...detail.warnings.map((warning) => `warning: ${warning}`),
  ].join('\n\n');
}

function sumText(result: MarginResult): string {
  const { portfolioMargin: portfolio, liquidationRiskAddOn: liquidation } = result;
  const rows: readonly (Row | null)[] = [
    [
      'portfolio margin',
      portfolio.amount,
      `weighted tails ${grouped(portfolio.weightedTotal)}, floor ${grouped(portfolio.floor)}`,
    ],
    ['flat rate margin', result.flatRateMargin],
    [
      'liquidation risk add-on',
      liquidation.amount,
      `instrument ${grouped(liquidation.instrument)}, portfolio ${grouped(liquidation.portfolio)}`,
    ],
    ['structured product add-on', result.structuredProductAddOn],
    ['corporate-action margin', result.corporateActionMargin],
    ['holiday add-on', result.holidayAddOn],
    null,
    ['aggregate', result.aggregateBeforeRounding],
    ['rounded up', result.rounded],
    ['net margin', result.netMargin, `less favourable MTM ${grouped(result.favourableMtm)}`],
    ['after margin credit', result.netMarginAfterCredit, `less ${grouped(result.marginCredit)}, not below 0`],
    ['MTM requirement', result.mtmRequirement],
    ['position limit add-on', result.positionLimitAddOn],
    ['credit risk add-on', result.creditRisk],
    ['ad hoc add-on', result.adHoc],
    null,
    ['total', result.total],
  ];
  const shown = rows.map((row) => row && ([row[0], grouped(row[1]), row[2] ?? ''] as const));
  const width = (column: 0 | 1) => Math.max(...shown.map((row) => row?.[column].length ?? 0));
  const [labels, figures] = [width(0), width(1)];
  return shown
    .map((row) => {
      if (!row) return '-'.repeat(labels + 2 + figures);
      return `${row[0].padEnd(labels)}  ${row[1].padStart(figures)}  ${row[2]}`.trimEnd();
    })
    .join('\n');
}

function groupsText({ portfolioMargin, detail }: MarginResult): string {
  const tail = (tails: Readonly<Record<string, TailFigures>>, group: string) => {
    const one = tails[group];
    if (!one) return '-';
    const [first, ...others] = one.tailScenarios;
    return `${grouped(one.mean)} of ${one.tailCount} (scenario ${first}${others.length > 0 ? ', ...' : ''})`;
  };
  return table(
    ['group', 'HVaR', 'SVaR', 'weighted', 'instruments'],
    Object.entries(detail.groups).map(([group, codes]) => [
      group,
      tail(detail.hvarTails, group),
      tail(detail.svarTails, group),
      grouped(portfolioMargin.weighted[group] ?? 0),
      codes.length > 8 ? `${codes.slice(0, 8).join(' ')} and ${codes.length - 8} more` : codes.join(' '),
    ]),
  );
}

/** 1,234,567.50 for 1234567.5: to the cent, for the eye. */
function grouped(figure: Figure): string {
  const [whole = '', cents] = (typeof figure === 'number' ? String(figure) : Number(figure).toFixed(2)).split('.');
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${cents === undefined ? '' : `.${cents}`}`;
}
