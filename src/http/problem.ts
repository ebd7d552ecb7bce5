import { isoHkt } from '../domain/calendar/calendar.ts';
import type { Words } from '../domain/nouns/market.ts';
import { REFUSAL_CODES, type Refusal, type RefusalCode } from '../domain/refusal.ts';

/**
 * Refusals over HTTP: status and RFC 9457 problem+json, shared by the two HTTP servers (centre/, admin/) and read back by
 * client/remote-control.ts. A new refusal code does not compile until it has a row here.
 * The statuses are mock conventions (docs/fidelity.md).
 */
export const HTTP_STATUS: Readonly<Record<RefusalCode, number>> = {
  NOT_OPEN: 423,
  CENTRE_STANDBY: 503,
  NO_SESSION: 401,
  SESSION_ENDED: 401,
  NOT_ENTITLED: 403,
  NOT_REGISTERED: 403,
  TERMINAL_UNSUPPORTED: 403,
  ADDRESS_NOT_ALLOWED: 403,
  BAD_CREDENTIALS: 401,
  USER_LOCKED: 423,
  PASSWORD_EXPIRED: 403,
  BAD_NEW_PASSWORD: 422,
  SESSION_EXISTS: 409,
  BAD_AUTHORISATION_CODE: 403,
  USER_REQUEST_CONFLICT: 409,
  SIMULATION_NOT_OFFERED: 422,
  BAD_TRADES: 422,
  TOO_MANY_SNAPSHOTS: 409,
  TOO_MANY_SIMULATIONS: 429,
  BAD_REQUEST: 400,
  NOT_FOUND: 404,
  REPORT_NOT_MADE: 404,
  METHOD_NOT_ALLOWED: 405,
  TOO_LARGE: 413,
  UNSUPPORTED_MEDIA: 415,
  UNREADABLE_BODY: 400,
  PRECONDITION_FAILED: 412,
  RANGE_NOT_SATISFIABLE: 416,
  FILE_DAMAGED: 503,
  STORAGE_FULL: 507,
  WRONG_PARTICIPANT: 403,
  SEQUENCE_USED: 409,
  BAD_CURSOR: 400,
  CLOCK_BACKWARDS: 409,
  ALREADY_ACTIVE: 409,
  SWITCH_UNDER_WAY: 409,
  BAD_FILE: 422,
  TOKEN_NEEDED: 401,
  FOREIGN_ORIGIN: 403,
};

/** The languages of every text here, as Accept-Language and Content-Language name them. */
export type Language = 'en' | 'zh-Hant';

/** RFC 9457 problem details. Further members (`more` of the refusal) are added to these and never replace them. */
export interface Problem {
  /** `urn:ccass-harness:refusal:CODE`. */
  readonly type: string;
  /** What is wrong, in the requested language. */
  readonly title: string;
  readonly status: number;
  /** Stable, for programs. */
  readonly code: string;
  /** What the request had, and the next step, in the requested language. */
  readonly detail: string;
  /** Market time from which trying again can succeed, ISO 8601 in Hong Kong time. */
  readonly retryAt?: string;
  /** The texts in both languages. */
  readonly words: { readonly title: Words; readonly detail: Words };
  readonly [further: string]: unknown;
}

const STANDARD_MEMBERS = new Set(['type', 'title', 'status', 'code', 'detail', 'retryAt', 'words']);

/**
 * The refusal as a problem in one language; `refusalOf` turns it back.
 * @param status where it says more than the code's own, such as 408 of a BAD_REQUEST
 */
export function problemOf(refusal: Refusal, language: Language, status = HTTP_STATUS[refusal.refusal]): Problem {
  const { title, detail } = refusal;
  return {
    ...refusal.more,
    type: `urn:ccass-harness:refusal:${refusal.refusal}`,
    title: inLanguage(title, language),
    status,
    code: refusal.refusal,
    detail: inLanguage(detail, language),
    ...(refusal.retryAt === undefined ? {} : { retryAt: isoHkt(refusal.retryAt) }),
    words: { title, detail },
  };
}

const HARNESS_ERROR = {
  title: { en: 'An error of the harness', zh: '系統程式錯誤' },
  detail: {
    en: 'This is a bug of ccass-harness, not an answer of the market. The log and the journal (kind `error`) have the details: please report it.',
    zh: '這是 ccass-harness 的程式錯誤，並非市場的答覆。詳情已載於日誌，請通報。',
  },
} as const;

/** The 500 for a bug of ours. It is not a refusal: `refusalOf` returns null, so that clients throw it. */
export function harnessErrorProblem(language: Language): Problem {
  return {
    type: 'urn:ccass-harness:error',
    title: inLanguage(HARNESS_ERROR.title, language),
    status: 500,
    code: 'HARNESS_ERROR',
    detail: inLanguage(HARNESS_ERROR.detail, language),
    words: HARNESS_ERROR,
  };
}

const inLanguage = (words: Words, language: Language) => (language === 'en' ? words.en : words.zh);

/** The refusal in a problem, or null if it has none (an error of the harness, or another program's problem). */
export function refusalOf(problem: unknown): Refusal | null {
  if (!isRecord(problem) || !isRecord(problem.words)) return null;
  const { title, detail } = problem.words;
  const code = REFUSAL_CODES.find((known) => known === problem.code);
  if (code === undefined || !isWords(title) || !isWords(detail)) return null;
  const more = Object.fromEntries(Object.entries(problem).filter(([member]) => !STANDARD_MEMBERS.has(member)));
  return {
    refusal: code,
    title,
    detail,
    ...(typeof problem.retryAt === 'string' ? { retryAt: Date.parse(problem.retryAt) } : {}),
    ...(Object.keys(more).length > 0 ? { more } : {}),
  };
}

/**
 * The language to answer in: Traditional Chinese for any Chinese, the only one there is, and English for everything else
 * (RFC 9110 12.5.4: the highest weight wins, `q=0` means never).
 */
export function languageOf(acceptLanguage: string | undefined): Language {
  let best: Language = 'en';
  let bestWeight = 0;
  for (const part of (acceptLanguage ?? '').split(',')) {
    const [tag = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const language = /^zh(-|$)/.test(tag) ? 'zh-Hant' : /^en(-|$)/.test(tag) ? 'en' : null;
    const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    if (language && weight > bestWeight) {
      best = language;
      bestWeight = weight;
    }
  }
  return best;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWords(value: unknown): value is Words {
  return isRecord(value) && typeof value.en === 'string' && typeof value.zh === 'string';
}
