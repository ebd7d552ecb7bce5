import type { FastifyError, FastifySchemaValidationError } from 'fastify';
import type { Words } from '../domain/nouns.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';

/** As the validator says it; `verbose` adds the schema that did not fit (compilers.ts). */
type Problem = FastifySchemaValidationError & { readonly parentSchema?: { readonly properties?: object } };

/** A request whose path, query or body does not fit the schema of its route: every misfit, and what would have fitted. */
export function misfit(error: FastifyError, docs: string): Refusal {
  const part = error.validationContext ?? 'request';
  const problems = (error.validation ?? []).map((problem) => ({
    at: problem.instancePath || '/',
    says: words(problem),
  }));
  const list = (language: keyof Words) => problems.map(({ at, says }) => `${at} ${says[language]}`);
  return refuse('BAD_REQUEST', {
    en: `${part}: ${list('en').join('; ')}. The shapes are at ${docs}`,
    zh: `${part}：${list('zh').join('；')}。格式載於 ${docs}`,
  });
}

function words({ keyword, message, params, parentSchema }: Problem): Words {
  const en = message ?? keyword;
  switch (keyword) {
    case 'additionalProperties': {
      const unknown = `"${String(params.additionalProperty)}"`;
      const known = Object.keys(parentSchema?.properties ?? {}).join(', ');
      return known === ''
        ? { en: `has the unknown member ${unknown}; it takes none`, zh: `含未知欄位 ${unknown}；此處不接受任何欄位` }
        : {
            en: `has the unknown member ${unknown}; it takes ${known}`,
            zh: `含未知欄位 ${unknown}；可用欄位：${known}`,
          };
    }
    case 'enum': {
      const allowed = (params.allowedValues as unknown[]).map(String).join(', ');
      return { en: `must be one of ${allowed}`, zh: `須為下列之一：${allowed}` };
    }
    case 'format':
      // The one format that there is (compilers.ts).
      return { en: 'must be a date such as 2021-07-26', zh: '須為日期，例如 2021-07-26' };
    case 'required':
      return { en, zh: `缺少欄位 "${String(params.missingProperty)}"` };
    case 'type':
      return { en, zh: `類型須為 ${String(params.type)}` };
    case 'pattern':
      return { en, zh: `須符合格式 ${String(params.pattern)}` };
    case 'minimum':
    case 'maximum':
      return { en, zh: `須 ${String(params.comparison)} ${String(params.limit)}` };
    case 'minLength':
    case 'minItems':
      return { en, zh: `長度不得少於 ${String(params.limit)}` };
    case 'maxLength':
    case 'maxItems':
      return { en, zh: `長度不得多於 ${String(params.limit)}` };
    default:
      return { en, zh: en };
  }
}
