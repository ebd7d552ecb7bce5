import type { Words } from '../domain/nouns/market.ts';

/** One misfit of a JSON Schema, as its validator tells it: the keyword that did not hold, its parameters, its own English. */
export interface Misfit {
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string | undefined;
}

/** What would have fitted, for both doors that take JSON: a centre's and the admin server's. */
export function misfitWords({ keyword, params, message }: Misfit): Words {
  const en = message ?? keyword;
  switch (keyword) {
    case 'enum': {
      const allowed = (params.allowedValues as unknown[]).map(String).join(', ');
      return { en: `must be one of ${allowed}`, zh: `須為下列之一：${allowed}` };
    }
    case 'format':
      // The one format that there is (centre/compilers.ts).
      return { en: 'must be a date such as 2021-07-26', zh: '須為日期，例如 2021-07-26' };
    case 'required':
      return { en, zh: `缺少欄位 "${String(params.missingProperty)}"` };
    case 'type':
      return { en, zh: `類型須為 ${String(params.type)}` };
    case 'pattern':
      return { en, zh: `須符合格式 ${String(params.pattern)}` };
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return { en, zh: `須 ${String(params.comparison)} ${String(params.limit)}` };
    case 'minLength':
    case 'minItems':
      return { en, zh: `長度不得少於 ${String(params.limit)}` };
    case 'maxLength':
    case 'maxItems':
      return { en, zh: `長度不得多於 ${String(params.limit)}` };
    default:
      return { en, zh: `不符合要求（${keyword}）` };
  }
}
