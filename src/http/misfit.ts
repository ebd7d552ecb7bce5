import type { FastifyError, FastifySchemaValidationError } from 'fastify';
import type { Words } from '../domain/nouns/market.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';

interface Schema {
  readonly properties?: object;
  readonly anyOf?: readonly Schema[];
  /** Marks passwords and other secrets: an answer, and with it the journal, must not repeat them. */
  readonly writeOnly?: boolean;
  readonly examples?: readonly unknown[];
}
/** As Ajv reports it; `verbose` (compilers.ts) adds the schema that did not hold and the value. */
type Misfit = FastifySchemaValidationError & { readonly parentSchema?: Schema; readonly data?: unknown };

const PART: Readonly<Record<string, Words>> = {
  body: { en: 'body', zh: '內容' },
  querystring: { en: 'query', zh: '查詢' },
  params: { en: 'path', zh: '路徑' },
};

/** A list of thousands of rows may be wrong in every row. */
const MOST_NAMED = 10;

/**
 * A request whose path, query or body does not fit the schema of its route: what is wrong, and what would have fitted.
 * @param docs where the schemas are described
 */
export function misfit(error: FastifyError, docs: string): Refusal {
  const part = PART[error.validationContext ?? ''] ?? { en: 'request', zh: '請求' };
  const misfits = inMeantBranches(error.validation ?? []);
  const named = misfits.slice(0, MOST_NAMED).map(describe);
  const rest = misfits.length - named.length;
  const en = named.map((words) => words.en).join('; ') + (rest > 0 ? `; and ${rest} more` : '');
  const zh = named.map((words) => words.zh).join('；') + (rest > 0 ? `；另有 ${rest} 項` : '');
  return refuse('BAD_REQUEST', {
    en: `${part.en}: ${en}. The shapes are at ${docs}`,
    zh: `${part.zh}：${zh}。格式載於 ${docs}`,
  });
}

/**
 * A union of objects fails with the misfits of every branch. The members that came show which branch was meant: its
 * misfits stay. If they show none, the union's own misfit stays, which names the choices. Of any other union, such as of a
 * text and null, all branches are named.
 */
function inMeantBranches(all: readonly Misfit[]): readonly Misfit[] {
  const misfits = all.filter((one) => one.keyword !== 'anyOf' || hasChoices(one));
  return misfits.filter(hasChoices).reduce((left, union) => {
    const came = Object.keys(Object(union.data));
    const meant = choicesOf(union).findIndex((members) => members.some((member) => came.includes(member)));
    const branch = `${union.schemaPath}/${meant}/`;
    return left.filter((one) =>
      meant < 0 ? !one.schemaPath.startsWith(`${union.schemaPath}/`) : one !== union && isIn(one),
    );

    function isIn({ schemaPath }: Misfit): boolean {
      return !schemaPath.startsWith(`${union.schemaPath}/`) || schemaPath.startsWith(branch);
    }
  }, misfits);
}

const hasChoices = (misfit: Misfit) =>
  misfit.keyword === 'anyOf' && choicesOf(misfit).every((members) => members.length > 0);

const choicesOf = ({ parentSchema }: Misfit) =>
  (parentSchema?.anyOf ?? []).map(({ properties }) => Object.keys(properties ?? {}));

function describe(misfit: Misfit): Words {
  const { keyword, params, instancePath } = misfit;
  const at = instancePath || '/';
  if (keyword === 'required') {
    const missing = `${instancePath}/${String(params.missingProperty)}`;
    return { en: `${missing} is missing`, zh: `缺少欄位 ${missing}` };
  }
  if (keyword === 'additionalProperties') {
    const unknown = `${instancePath}/${String(params.additionalProperty)}`;
    const known = Object.keys(misfit.parentSchema?.properties ?? {}).join(', ');
    return {
      en: `unknown field ${unknown}, expected ${known || 'none'}`,
      zh: `未知欄位 ${unknown}，${known ? `可用欄位：${known}` : '此處不接受任何欄位'}`,
    };
  }
  const expected = expectation(misfit);
  const came = sent(misfit);
  return {
    en: `${at}: ${came && `got ${came.en}, `}expected ${expected.en}`,
    zh: `${at}：${came && `收到 ${came.zh}，`}應為${expected.zh}`,
  };
}

/** A pattern is for programs: an example, or the same text in capital letters, is for people. */
function patternWords(pattern: string, { data, parentSchema }: Misfit): Words {
  const capitals = typeof data === 'string' ? data.trim().toUpperCase() : '';
  const example = parentSchema?.examples?.[0];
  const hint = new RegExp(pattern).test(capitals)
    ? { en: `; nearest: ${capitals}`, zh: `；最接近者：${capitals}` }
    : example === undefined
      ? { en: '', zh: '' }
      : { en: `, such as ${String(example)}`, zh: `，例如 ${String(example)}` };
  return { en: `text that matches ${pattern}${hint.en}`, zh: `符合格式 ${pattern} 的文字${hint.zh}` };
}

/** What follows "expected". */
function expectation(misfit: Misfit): Words {
  const { keyword, params } = misfit;
  const limit = String(params.limit);
  switch (keyword) {
    case 'enum': {
      const allowed = (params.allowedValues as unknown[]).map(String).join(', ');
      return { en: `one of ${allowed}`, zh: `下列之一：${allowed}` };
    }
    case 'anyOf': {
      const choices = choicesOf(misfit).map((members) => members.join(' + '));
      return {
        en: `an object with exactly one of ${choices.join(', ')}`,
        zh: `只含下列其一的物件：${choices.join('、')}`,
      };
    }
    case 'const': {
      const only = JSON.stringify(params.allowedValue);
      return { en: only, zh: ` ${only}` };
    }
    case 'format':
      // The only format (compilers.ts).
      return { en: 'a date such as 2021-07-26', zh: '日期，例如 2021-07-26' };
    case 'type':
      return { en: String(params.type), zh: `類型 ${String(params.type)}` };
    case 'pattern':
      return patternWords(String(params.pattern), misfit);
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return {
        en: `a number ${String(params.comparison)} ${limit}`,
        zh: `${String(params.comparison)} ${limit} 的數字`,
      };
    case 'minLength':
      return { en: `at least ${limit} characters`, zh: `至少 ${limit} 個字元` };
    case 'maxLength':
      return { en: `at most ${limit} characters`, zh: `最多 ${limit} 個字元` };
    case 'minItems':
      return { en: `at least ${limit} items`, zh: `至少 ${limit} 項` };
    case 'maxItems':
      return { en: `at most ${limit} items`, zh: `最多 ${limit} 項` };
  }
  return { en: `a value that fits its schema (${keyword})`, zh: `符合格式的值（${keyword}）` };
}

/** A scalar as it came, at most 100 characters of it; of an array or an object its type; nothing of a secret. */
function sent({ data, parentSchema }: Misfit): Words | '' {
  if (data === undefined || parentSchema?.writeOnly) return '';
  if (Array.isArray(data)) return { en: 'an array', zh: '陣列' };
  if (typeof data === 'object' && data !== null) return { en: 'an object', zh: '物件' };
  const text = JSON.stringify(typeof data === 'string' ? data.slice(0, 100) : data);
  return { en: text, zh: text };
}
