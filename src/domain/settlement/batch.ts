import type { Payment, SettlementInstruction, Side } from '../nouns/instructions.ts';
import type { Currency, Instant, MarketDate, Stock, Words } from '../nouns/market.ts';

/**
 * Why a whole batch file is discarded; each text ends with the participant's next step.
 * The rules are published for the CCMS/CCASS family of files, the codes are mock conventions.
 */
export const FILE_FAULTS = {
  NOT_ASCII: {
    en: 'The file holds a byte that is not printable ASCII. Save it as plain ASCII without a byte order mark and send it again.',
    zh: '檔案含有非可列印 ASCII 的字元。請以純 ASCII（不含 BOM）儲存後重新上載。',
  },
  RECORD_LENGTH: {
    en: 'A record has the wrong length or does not end in CRLF. Correct the record and send the file again.',
    zh: '記錄長度不符，或並非以 CRLF 結束。請更正該記錄後重新上載。',
  },
  RECORD_TYPE: {
    en: 'A record has a type that does not belong there. Correct its first byte and send the file again.',
    zh: '記錄類別不應在該處出現。請更正其首個字元後重新上載。',
  },
  NO_HEADER: {
    en: 'The file does not begin with a control header. Put record type 0 first and send the file again.',
    zh: '檔案並非以控制標頭開始。請於首行加入類別 0 記錄後重新上載。',
  },
  NO_TRAILER: {
    en: 'The file ends without a control trailer; it may have been cut. Add record type 9 and send the whole file again.',
    zh: '檔案欠缺控制結尾，可能未完整傳送。請加入類別 9 記錄後重新上載整個檔案。',
  },
  AFTER_TRAILER: {
    en: 'A record follows the control trailer. Remove it, or correct the trailer, and send the file again.',
    zh: '控制結尾之後仍有記錄。請刪除該記錄或更正控制結尾後重新上載。',
  },
  NOT_NUMERIC: {
    en: 'A numeric field holds something other than digits. Fill it with zeros on the left and send the file again.',
    zh: '數字欄位含有非數字字元。請於左方補零後重新上載。',
  },
  WRONG_FILE_ID: {
    en: 'The file ID in the header does not match this upload. Correct positions 8 to 14 and send the file again.',
    zh: '標頭的檔案編號與上載類別不符。請更正第 8 至 14 位後重新上載。',
  },
  WRONG_PARTICIPANT: {
    en: 'The participant ID in the header is not the one logged on. Log on as that participant, or correct the header.',
    zh: '標頭的參與者編號與登入者不符。請以該參與者登入，或更正標頭。',
  },
  WRONG_MARKET: {
    en: 'The market code in the header is not HKMK. Correct positions 15 to 18 and send the file again.',
    zh: '標頭的市場代號並非 HKMK。請更正第 15 至 18 位後重新上載。',
  },
  WRONG_DATE: {
    en: 'The date in the header is not the market date. Make a new file for the market date and send it.',
    zh: '標頭日期並非市場日期。請以市場日期重新製作檔案後上載。',
  },
  BAD_SEQUENCE: {
    en: 'Sequence number 0000 is not used. Number the files of a day from 0001 and send the file again.',
    zh: '序號不可為 0000。請由 0001 起為當日檔案編號後重新上載。',
  },
  SEQUENCE_USED: {
    en: 'Another file has used this sequence number today. Give this one the next free number and send it again.',
    zh: '此序號當日已用於另一檔案。請改用下一個未用序號後重新上載。',
  },
  BAD_REFERENCE: {
    en: "A participant's reference is blank or begins with a space. Write it left-justified and send the file again.",
    zh: '參與者參考編號空白或以空格開始。請靠左填寫後重新上載。',
  },
  RECORD_CHECKSUM: {
    en: 'A record checksum is not the sum of its fields. Compute it again, or look for a damaged field, and send the file again.',
    zh: '記錄核對和與欄位總和不符。請重新計算或檢查欄位後重新上載。',
  },
  NO_RECORDS: {
    en: 'The file has no detail record. Put at least one between header and trailer and send the file again.',
    zh: '檔案並無明細記錄。請於標頭與結尾之間加入至少一項記錄後重新上載。',
  },
  RECORD_COUNT: {
    en: 'The record count in the trailer does not match the file; records may be missing. Send the whole file again.',
    zh: '結尾的記錄數目與檔案不符，可能有記錄遺漏。請重新上載整個檔案。',
  },
  HASH_TOTAL: {
    en: 'A hash total in the trailer does not match the records. Compute it again and send the whole file again.',
    zh: '結尾的雜項總和與記錄不符。請重新計算後重新上載整個檔案。',
  },
} as const satisfies Record<string, Words>;
export type FileFaultCode = keyof typeof FILE_FAULTS;
export const FILE_FAULT_CODES = Object.keys(FILE_FAULTS) as FileFaultCode[];

/** Why one row is refused while the others execute; the first in this order is given. Mock conventions. */
export const ROW_REASONS = {
  BAD_SIDE: {
    en: 'The side is neither D nor R. Write D to deliver or R to receive and input the row again.',
    zh: '交收方向並非 D 或 R。請填 D（交付）或 R（收取）後重新輸入。',
  },
  UNKNOWN_STOCK: {
    en: 'No such stock code. Look it up in the CCASS stock list and input the row again.',
    zh: '並無此股份代號。請查閱中央結算系統股份名單後重新輸入。',
  },
  ISIN_MISMATCH: {
    en: "The ISIN is not this stock's. Correct it, or leave it blank, and input the row again.",
    zh: '國際證券號碼與股份代號不符。請更正或留空後重新輸入。',
  },
  BAD_QUANTITY: {
    en: 'The quantity is zero. Write the number of shares and input the row again.',
    zh: '數量為零。請填寫股數後重新輸入。',
  },
  UNKNOWN_COUNTERPARTY: {
    en: 'No such counterparty. Check its participant ID and input the row again.',
    zh: '並無此交易對手。請核對其參與者編號後重新輸入。',
  },
  SELF_COUNTERPARTY: {
    en: 'The counterparty is yourself. Name the other participant, or use an account transfer (ATI).',
    zh: '交易對手為參與者本身。請填寫另一參與者，或改用戶口轉移指示。',
  },
  UNKNOWN_ACCOUNT: {
    en: 'You have no such stock account. Name one of your accounts, such as 01, and input the row again.',
    zh: '閣下並無此股份戶口。請填寫名下戶口（例如 01）後重新輸入。',
  },
  BAD_PAYMENT: {
    en: 'The payment instruction is not FOP, DVP or RDP. Correct it and input the row again.',
    zh: '付款指示並非 FOP、DVP 或 RDP。請更正後重新輸入。',
  },
  BAD_CURRENCY: {
    en: 'The currency is not HKD, CNY or USD, or was given with FOP. Correct it, blank with FOP, and input the row again.',
    zh: '貨幣並非 HKD、CNY 或 USD，或與 FOP 並用。請更正（FOP 須留空）後重新輸入。',
  },
  BAD_AMOUNT: {
    en: 'The settlement amount is zero with DVP or RDP, or not zero with FOP. Correct it and input the row again.',
    zh: 'DVP 或 RDP 的交收金額為零，或 FOP 的金額不為零。請更正後重新輸入。',
  },
  BAD_SETTLEMENT_DATE: {
    en: 'The settlement date is not a business day from the market date to 14 days after it. Choose one and input the row again.',
    zh: '交收日期並非市場日期起計十四日內的營業日。請改選日期後重新輸入。',
  },
  BAD_HOLD: {
    en: 'The on-hold indicator is neither Y nor N. Correct it and input the row again.',
    zh: '交收前暫緩指示並非 Y 或 N。請更正後重新輸入。',
  },
  DUPLICATE_REFERENCE: {
    en: 'Another instruction of today has this reference. Give the row a new reference and input it again.',
    zh: '此參考編號當日已用於另一指示。請改用另一編號後重新輸入。',
  },
  OVER_LIMIT: {
    en: "The value is over the user's input limit. Have a user with a higher limit input it, or split it.",
    zh: '指示金額超出用戶輸入限額。請由限額較高的用戶輸入，或分拆指示。',
  },
} as const satisfies Record<string, Words>;
export type RowReason = keyof typeof ROW_REASONS;
export const ROW_REASON_CODES = Object.keys(ROW_REASONS) as RowReason[];

/** The header of a batch file as received; `businessDate` is digits with dashes, maybe not a valid date. */
export interface BatchHeader {
  readonly participant: string;
  readonly fileId: string;
  readonly market: string;
  readonly businessDate: MarketDate;
  readonly sequence: string;
}

/** One detail record of ZSIUP01 as received: texts without trailing spaces; `settlementDate` may not be a date. */
export interface InstructionRow {
  readonly reference: string;
  readonly side: string;
  readonly stock: string;
  readonly isin: string;
  readonly quantity: number;
  readonly counterparty: string;
  readonly account: string;
  readonly payment: string;
  readonly currency: string;
  readonly amountCents: number;
  readonly settlementDate: string;
  readonly hold: string;
  readonly narrative: string;
}

/** The facts that a row is checked against. Lookups see pending rows, including earlier rows of the same batch. */
export interface RowFacts {
  stock(code: string): Stock | undefined;
  isParticipant(id: string): boolean;
  /** Whether the inputting participant has this stock account. */
  isAccount(id: string): boolean;
  /** See settlementDates. */
  isSettlementDate(date: string): boolean;
  /** Whether an instruction that the participant input on this market date has the reference. */
  isReferenceUsed(reference: string): boolean;
  /** Millionths of a Hong Kong dollar for one unit: 1,000,000 for HKD. */
  hkdRateMicro(currency: Currency): number;
  /** Input limit of the user; null = no limit. */
  readonly inputLimitHkdCents: number | null;
}

/** Who inputs, when, and the number the instruction gets if it is accepted (`D` and 8 digits). */
export interface RowInput {
  readonly participant: string;
  readonly user: string;
  readonly batch: string | null;
  readonly at: Instant;
  readonly marketDate: MarketDate;
  readonly number: string;
}

/** How far ahead a settlement date may be, in calendar days. Mock convention. */
const SETTLEMENT_DATE_DAYS = 14;
const PAYMENTS: readonly string[] = ['FOP', 'DVP', 'RDP'] satisfies Payment[];
const CURRENCIES: readonly string[] = ['HKD', 'CNY', 'USD'] satisfies Currency[];

/**
 * Decides one row: the instruction, unmatched, or the first reason against it in field order.
 * A mock convention, except for the input limit (larger of settlement amount and market value, in HKD equivalent), which is published.
 */
export function decideRow(row: InstructionRow, facts: RowFacts, input: RowInput): SettlementInstruction | RowReason {
  const side: Side | null = row.side === 'D' ? 'deliver' : row.side === 'R' ? 'receive' : null;
  if (!side) return 'BAD_SIDE';
  const stock = facts.stock(row.stock);
  if (!stock) return 'UNKNOWN_STOCK';
  if (row.isin !== '' && row.isin !== stock.isin) return 'ISIN_MISMATCH';
  if (row.quantity <= 0) return 'BAD_QUANTITY';
  if (row.counterparty === input.participant) return 'SELF_COUNTERPARTY';
  if (!facts.isParticipant(row.counterparty)) return 'UNKNOWN_COUNTERPARTY';
  if (!facts.isAccount(row.account)) return 'UNKNOWN_ACCOUNT';
  if (!isPayment(row.payment)) return 'BAD_PAYMENT';
  const free = row.payment === 'FOP';
  const currency = isCurrency(row.currency) ? row.currency : null;
  if (free ? row.currency !== '' : !currency) return 'BAD_CURRENCY';
  if (free !== (row.amountCents === 0)) return 'BAD_AMOUNT';
  if (!facts.isSettlementDate(row.settlementDate)) return 'BAD_SETTLEMENT_DATE';
  if (row.hold !== 'Y' && row.hold !== 'N') return 'BAD_HOLD';
  if (facts.isReferenceUsed(row.reference)) return 'DUPLICATE_REFERENCE';
  if (isOverLimit(row, currency, stock, facts)) return 'OVER_LIMIT';
  return {
    number: input.number,
    participant: input.participant,
    user: input.user,
    reference: row.reference,
    side,
    stock: stock.code,
    quantity: row.quantity,
    counterparty: row.counterparty,
    account: row.account,
    payment: row.payment,
    currency,
    amountCents: row.amountCents,
    settlementDate: row.settlementDate,
    hold: row.hold === 'Y',
    narrative: row.narrative,
    status: 'unmatched',
    inputAt: input.at,
    inputDate: input.marketDate,
    batch: input.batch,
  };
}

const isPayment = (text: string): text is Payment => PAYMENTS.includes(text);
const isCurrency = (text: string): text is Currency => CURRENCIES.includes(text);

/**
 * The dates on which an instruction input on this market date may settle: business days up to 14 calendar days after it. The
 * market date itself may not be a business day. `date` may be any text.
 */
export function settlementDates(
  marketDate: MarketDate,
  isBusinessDay: (date: MarketDate) => boolean,
): (date: string) => boolean {
  const last = lastSettlementDate(marketDate);
  const decide = (date: string) => {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || date < marketDate) return false;
    const day = Date.parse(date);
    const exists = !Number.isNaN(day) && new Date(day).toISOString().startsWith(date);
    return exists && date <= last && isBusinessDay(date);
  };
  return remembered(decide);
}

/** The last day on which an instruction input on this market date may settle, if it is a business day. */
export function lastSettlementDate(marketDate: MarketDate): MarketDate {
  return new Date(Date.parse(marketDate) + SETTLEMENT_DATE_DAYS * 86_400_000).toISOString().slice(0, 10);
}

/** Remembers the answers to the first hundred texts: rows by the thousand share a few dates and accounts. */
export function remembered(decide: (text: string) => boolean): (text: string) => boolean {
  const known = new Map<string, boolean>();
  return (text) => {
    const remembered = known.get(text);
    if (remembered !== undefined) return remembered;
    const answer = decide(text);
    if (known.size < 100) known.set(text, answer);
    return answer;
  };
}

/** Whether settlement amount or market value, in HKD equivalent, is over the user's input limit. */
export function isOverLimit(...compared: Parameters<typeof fieldOverLimit>): boolean {
  return fieldOverLimit(...compared) !== null;
}

/**
 * The field that takes the row over the user's input limit: the settlement amount, or the quantity, whose market value counts.
 * Exact: 12 digits of shares times a price in thousandths times a rate in millionths exceeds 2^53, so such products are bigints.
 */
export function fieldOverLimit(
  row: Pick<InstructionRow, 'quantity' | 'amountCents'>,
  currency: Currency | null,
  stock: Stock,
  facts: Pick<RowFacts, 'hkdRateMicro' | 'inputLimitHkdCents'>,
): 'amountCents' | 'quantity' | null {
  const limit = facts.inputLimitHkdCents;
  if (limit === null) return null;
  const over = (factors: readonly number[], per: number) => {
    const rough = factors.reduce((product, factor) => product * factor, 1);
    const bound = limit * per;
    if (rough <= Number.MAX_SAFE_INTEGER && bound <= Number.MAX_SAFE_INTEGER) return rough > bound;
    return factors.reduce((product, factor) => product * BigInt(factor), 1n) > BigInt(limit) * BigInt(per);
  };
  // Cents x millionths: 1,000,000 make a cent. Thousandths x millionths: 10,000,000 make a cent.
  if (currency && over([row.amountCents, facts.hkdRateMicro(currency)], 1_000_000)) return 'amountCents';
  return over([row.quantity, stock.priceMilli, facts.hkdRateMicro(stock.currency)], 10_000_000) ? 'quantity' : null;
}
