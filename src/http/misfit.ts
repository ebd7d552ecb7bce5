import type { FastifyError, FastifySchemaValidationError } from 'fastify';
import type { Words } from '../domain/nouns/market.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import { misfitWords } from './misfit-words.ts';

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

function words(problem: Problem): Words {
  if (problem.keyword !== 'additionalProperties') return misfitWords(problem);
  const unknown = `"${String(problem.params.additionalProperty)}"`;
  const known = Object.keys(problem.parentSchema?.properties ?? {}).join(', ');
  return known === ''
    ? { en: `has the unknown member ${unknown}; it takes none`, zh: `含未知欄位 ${unknown}；此處不接受任何欄位` }
    : { en: `has the unknown member ${unknown}; it takes ${known}`, zh: `含未知欄位 ${unknown}；可用欄位：${known}` };
}
