import type { Words } from '../../domain/nouns/market.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';

/** What is wrong at one place of an IMRPF. */
export interface ImrpfFinding {
  /** From 1; blank lines count. */
  readonly line: number;
  /** The cell of the line, from 1; null for the line as a whole. */
  readonly column: number | null;
  /** What the cell is: `scenario 17`, `HVaR_CL`, `bucket rate`. */
  readonly field: string;
  readonly came: string;
  readonly expected: Words;
}

/**
 * An invalid IMRPF, with its first finding. Thrown, since half a file is of no use; it carries the refusal BAD_FILE for
 * the answer to a user (commands/program.ts prints it and exits with 3).
 */
export class ImrpfFault extends Error {
  readonly finding: ImrpfFinding;
  readonly refusal: Refusal;

  constructor(finding: ImrpfFinding) {
    const refusal = refusalOf(finding);
    super(refusal.detail.en);
    this.name = 'ImrpfFault';
    this.finding = finding;
    this.refusal = refusal;
  }
}

/** `line 12, column 5 (scenario 3): got "0.1x", expected a decimal ...`, in both languages. */
export function findingWords({ line, column, field, came, expected }: ImrpfFinding): Words {
  return {
    en: `line ${line}${column === null ? '' : `, column ${column}`} (${field}): got ${came}, expected ${expected.en}`,
    zh: `第 ${line} 行${column === null ? '' : `第 ${column} 欄`}（${field}）：收到 ${came}，應為${expected.zh}`,
  };
}

function refusalOf(finding: ImrpfFinding): Refusal {
  const { en, zh } = findingWords(finding);
  const { line, column, field, came, expected } = finding;
  return refuse(
    'BAD_FILE',
    {
      en: `IMRPF, ${en}. Correct the file; \`ccass-harness imrpf check\` names every fault.`,
      zh: `IMRPF ${zh}。請更正檔案；\`ccass-harness imrpf check\` 會列出所有錯誤。`,
    },
    { more: { line, column, field, came, expected: expected.en } },
  );
}

/** A received value for display: quoted, shortened, without control characters. */
export function shown(text: string): string {
  if (text === '') return 'nothing';
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 37)}...` : text);
}

/** Expected values, in both languages. */
export const EXPECTED = {
  text: {
    en: 'csv text in UTF-8 or ASCII with CRLF or LF; unpack a zip of RAP first',
    zh: ' UTF-8 或 ASCII 的 csv 文字（CRLF 或 LF 換行）；RAP 的 zip 須先解壓',
  },
  lineLength: { en: 'a line of at most 4 MiB', zh: '不超過 4 MiB 的一行' },
  quotes: { en: 'a quoted cell to end with a quote, then a comma', zh: '以引號結束並以逗號分隔的欄位' },
  decimal: {
    en: 'a decimal such as -0.0123 with at most 10 decimals and no exponent',
    zh: '小數（最多 10 位小數，不用指數），例如 -0.0123',
  },
  notNegative: {
    en: 'a decimal not below 0 such as 0.12 with at most 10 decimals and no exponent',
    zh: '不小於 0 的小數（最多 10 位小數，不用指數），例如 0.12',
  },
  scenarioReturn: {
    en: 'a return between -900000 and 900000 such as -0.0123, with at most 10 decimals and no exponent',
    zh: '介乎 -900000 與 900000 的回報率（最多 10 位小數，不用指數），例如 -0.0123',
  },
  filled: { en: 'a return, since a later cell of the line has one', zh: '回報率，因同一行其後的欄位仍有數值' },
  whole: { en: 'a whole number not below 0', zh: '不小於 0 的整數' },
  count: { en: 'a whole number from 1 to 100000', zh: '1 至 100000 的整數' },
  positive: { en: 'a whole number above 0', zh: '大於 0 的整數' },
  confidence: { en: 'a decimal from 0 to below 1 such as 0.994', zh: '由 0 至小於 1 的小數，例如 0.994' },
  measure: { en: '4 (FHS ES, discrete)', zh: ' 4（FHS ES，離散）' },
  date: { en: 'a date DD/MM/YYYY', zh: '日期 DD/MM/YYYY' },
  code: { en: 'an instrument code in printable ASCII', zh: '以可列印 ASCII 字元組成的證券代號' },
  fieldType: { en: 'a field type, 1 to 7', zh: '欄位類別 1 至 7' },
  entitlement: { en: '1 (DSP), 2 (SRI) or 3 (DIV)', zh: ' 1（DSP）、2（SRI）或 3（DIV）' },
  nothingMore: { en: 'nothing after the value of a parameter', zh: '參數值之後沒有其他內容' },
  once: { en: 'it once', zh: '只出現一次' },
  parameter: { en: 'this parameter before the header', zh: '在表頭之前列出此參數' },
  header: {
    en: 'the header InstrumentId,FieldType,1,2,3,... before the first record',
    zh: '首項記錄之前的表頭 InstrumentId,FieldType,1,2,3,...',
  },
  scenarioNumber: { en: 'the scenario numbers 1, 2, 3, ... in order', zh: '順序的情景編號 1、2、3……' },
} as const satisfies Record<string, Words>;
