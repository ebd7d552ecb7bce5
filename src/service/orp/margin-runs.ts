import { formatHkt, marketDate } from '../../domain/calendar/calendar.ts';
import type { MarketDate, Words } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { MarginRun } from '../../domain/risk/margin-run.ts';
import { platformNames } from '../../domain/risk/platform-names.ts';
import type { Session } from '../access/sessions.ts';
import { cursorOf, openCursor, type Page } from '../ccass/enquiries.ts';
import type { Context } from '../context.ts';

/** Names a scheduled run; what is left out is that of the latest. */
export interface RunRequest {
  readonly businessDate?: MarketDate;
  /** HHMM, such as 1100. */
  readonly snapshot?: string;
}

/** A participant's runs whose reports are published by now, the oldest first. */
export function publishedRuns(context: Context, participant: string): readonly MarginRun[] {
  const at = context.clock.now();
  return context.store.books.marginRunsOf(participant, { filter: (run) => run.availableAt <= at });
}

/** The run that is named, or the latest. */
export function findRun(context: Context, participant: string, request: RunRequest): MarginRun | Refusal {
  const published = publishedRuns(context, participant);
  const { businessDate, snapshot } = request;
  const found = published.findLast(
    (run) =>
      (businessDate === undefined || run.businessDate === businessDate) &&
      (snapshot === undefined || run.snapshot === snapshot),
  );
  const failed = failedRun(context, participant, request);
  if (failed && (!found || positionOf(found) < failed.position)) return refuse('REPORT_NOT_MADE', failed.reason);
  return found ?? noRun(context, participant, request, published.length);
}

/** The latest run as named that has no figures for the participant, and why. Older figures must not pass for those of it. */
function failedRun(
  { store, clock }: Context,
  participant: string,
  { businessDate, snapshot }: RunRequest,
): { readonly position: string; readonly reason: Words } | undefined {
  const at = clock.now();
  const failed = [...store.books.all('run')].flatMap(({ run, date, notMade }) => {
    const reason = notMade?.reasons[participant];
    const time = snapshotOf(run);
    const isNamed = (businessDate ?? date) === date && (snapshot ?? time) === time;
    return reason && notMade.availableAt <= at && isNamed ? [{ position: `${date} ${time}`, reason }] : [];
  });
  return failed.sort((a, b) => (a.position < b.position ? -1 : 1)).at(-1);
}

/** Margin runs of the session's participant, the newest first. */
export function runHistory(
  context: Context,
  session: Session,
  query: { readonly from?: MarketDate; readonly to?: MarketDate; readonly cursor?: string; readonly limit: number },
): Page<MarginRun> | Refusal {
  const after = query.cursor === undefined ? undefined : openCursor('margin-run', query.cursor);
  if (isRefusal(after)) return after;
  const all = publishedRuns(context, session.participant)
    .filter(({ businessDate }) => businessDate >= (query.from ?? '') && businessDate <= (query.to ?? '9999'))
    .toReversed();
  const rest = after === undefined ? all : all.filter((run) => positionOf(run) < after);
  const rows = rest.slice(0, query.limit);
  const last = rows.at(-1);
  return { rows, next: last && rest.length > rows.length ? cursorOf('margin-run', positionOf(last)) : null };
}

/** The HHMM of a margin run, whose key is `margin HH:MM`. */
function snapshotOf(key: string): string {
  return key.slice(-5).replace(':', '');
}

function positionOf({ businessDate, snapshot }: MarginRun): string {
  return `${businessDate} ${snapshot}`;
}

function noRun(
  context: Context,
  participant: string,
  { businessDate, snapshot }: RunRequest,
  published: number,
): Refusal {
  const at = context.clock.now();
  const name = platformNames(marketDate(at)).online;
  const coming = context.store.books.marginRunsOf(participant).find((run) => run.availableAt > at);
  const named = [businessDate, snapshot].filter((part) => part !== undefined).join(' ');
  const next = coming
    ? {
        en: `The next is shown from ${formatHkt(coming.availableAt)}.`,
        zh: `下一次將於 ${formatHkt(coming.availableAt)} 起顯示。`,
      }
    : published > 0
      ? { en: 'List them: GET /orp/v1/margin-runs', zh: '查閱現有者：GET /orp/v1/margin-runs' }
      : {
          en: 'Advance market time past a scheduled run and its reports: ccass-harness clock advance',
          zh: '請將市場時間推進至排定的計算及其報表之後：ccass-harness clock advance',
        };
  return refuse(
    'NOT_FOUND',
    {
      en: `${name.en} has no margin run ${named === '' ? 'yet' : `of ${named}`} for participant ${participant}. ${next.en}`,
      zh: `${name.zh} ${named === '' ? '現時並無' : '並無'}參與者 ${participant} ${named === '' ? '' : `於 ${named} `}的按金計算。${next.zh}`,
    },
    coming ? { retryAt: coming.availableAt } : {},
  );
}
