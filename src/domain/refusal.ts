import type { Instant, Words } from './nouns/market.ts';

/**
 * Why a request is refused. Refusals are values: every verb returns its answer or one of these.
 * HTTP (http/problem.ts) and the command line (commands/exit-codes.ts) each map codes to statuses in a table typed by
 * `RefusalCode`, so that a new code does not compile until each table has it.
 * The codes are mock conventions: HKEX publishes none (docs/fidelity.md).
 */
const WORDS = {
  NOT_OPEN: { en: 'Not open now', zh: '現時並未開放' },
  CENTRE_STANDBY: { en: 'This data centre is on standby', zh: '此數據中心現為備用狀態' },
  NO_SESSION: { en: 'No session', zh: '尚未登入' },
  SESSION_ENDED: { en: 'The session has ended', zh: '登入時段已結束' },
  NOT_ENTITLED: { en: 'Not entitled', zh: '未獲授權' },
  NOT_REGISTERED: { en: 'Not registered for this rehearsal', zh: '並未登記參加是次演習' },
  TERMINAL_UNSUPPORTED: { en: 'This terminal is no longer supported', zh: '此終端機已不獲支援' },
  ADDRESS_NOT_ALLOWED: { en: 'Address not allowed', zh: '不允許的網絡地址' },
  BAD_CREDENTIALS: { en: 'Wrong participant ID, user ID or password', zh: '參與者編號、用戶編號或密碼不正確' },
  USER_LOCKED: { en: 'The user is locked', zh: '用戶已被鎖定' },
  PASSWORD_EXPIRED: { en: 'The password has expired', zh: '密碼已過期' },
  BAD_NEW_PASSWORD: { en: 'The new password is not acceptable', zh: '新密碼不符合要求' },
  SESSION_EXISTS: { en: 'The user is logged on already', zh: '用戶已經登入' },
  BAD_AUTHORISATION_CODE: { en: 'The authorisation code is not valid', zh: '授權碼無效' },
  USER_REQUEST_CONFLICT: { en: "The user's status does not allow this", zh: '用戶狀況不容許此要求' },
  SIMULATION_NOT_OFFERED: { en: 'The access path does not offer this', zh: '此途徑不提供所選項目' },
  BAD_TRADES: { en: 'The hypothetical trades are not valid', zh: '未能採用假設買賣' },
  TOO_MANY_SNAPSHOTS: { en: 'Too many snapshots', zh: '快照過多' },
  TOO_MANY_SIMULATIONS: { en: 'Too many simulations at once', zh: '同時進行的模擬過多' },
  BAD_REQUEST: { en: 'The request is not understood', zh: '無法理解請求' },
  NOT_FOUND: { en: 'Not found', zh: '找不到所需資料' },
  REPORT_NOT_MADE: { en: 'The report was not made', zh: '報表並未製作' },
  METHOD_NOT_ALLOWED: { en: 'Method not allowed here', zh: '不允許的方法' },
  TOO_LARGE: { en: 'Too large', zh: '資料過大' },
  UNSUPPORTED_MEDIA: { en: 'Content type or encoding not supported', zh: '不支援的內容類型或編碼' },
  UNREADABLE_BODY: { en: 'The whole body could not be read', zh: '未能完整讀取內容' },
  PRECONDITION_FAILED: { en: 'The file has changed', zh: '檔案已更改' },
  RANGE_NOT_SATISFIABLE: { en: 'That range is outside the file', zh: '所需範圍超出檔案' },
  FILE_DAMAGED: { en: 'The stored file is damaged', zh: '已儲存的檔案損壞' },
  STORAGE_FULL: { en: 'No space to store the file', zh: '儲存空間不足' },
  WRONG_PARTICIPANT: { en: "Another participant's file", zh: '檔案屬於其他參與者' },
  SEQUENCE_USED: { en: 'Sequence number used already', zh: '序號已被使用' },
  BAD_CURSOR: { en: 'The cursor is not valid', zh: '分頁標記無效' },
  CLOCK_BACKWARDS: { en: 'Market time only goes forward', zh: '市場時間只能向前' },
  ALREADY_ACTIVE: { en: 'That data centre is active already', zh: '該數據中心已在運作' },
  SWITCH_UNDER_WAY: { en: 'A switch is under way', zh: '數據中心正在切換' },
  BAD_FILE: { en: 'The file does not match its schema', zh: '檔案不符合格式' },
  TOKEN_NEEDED: { en: 'The token of this harness is needed', zh: '需要本系統的令牌' },
  FOREIGN_ORIGIN: { en: 'Request from another web page', zh: '請求來自其他網頁' },
} as const satisfies Record<string, Words>;

export type RefusalCode = keyof typeof WORDS;

/** What each code is called. */
export const TITLES: Readonly<Record<RefusalCode, Words>> = WORDS;
export const REFUSAL_CODES = Object.keys(WORDS) as RefusalCode[];

export interface Refusal {
  readonly refusal: RefusalCode;
  readonly title: Words;
  /** What was received, and the next step. */
  readonly detail: Words;
  /** When trying again can succeed, if known; HTTP sends it as Retry-After. */
  readonly retryAt?: Instant;
  /** Further members of the answer, such as the line and column of a fault. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Makes a refusal. `detail` ends with what the caller should do next. */
export function refuse(
  refusal: RefusalCode,
  detail: Words,
  extra: { readonly retryAt?: Instant; readonly more?: Readonly<Record<string, unknown>> } = {},
): Refusal {
  return { refusal, title: WORDS[refusal], detail, ...extra };
}

/** Whether an error of the file system says that the disk, or the user's part of it, is full. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

/** What a full disk refuses. */
export const storageFull = (): Refusal =>
  refuse('STORAGE_FULL', {
    en: 'There is no disk space to record it; nothing was changed. Free space on the disk of the harness, then send it again.',
    zh: '空間不足，未能記錄，資料並無改動。請先騰出系統磁碟空間，然後重新提交。',
  });

export function isRefusal(answer: unknown): answer is Refusal {
  return typeof answer === 'object' && answer !== null && 'refusal' in answer;
}
