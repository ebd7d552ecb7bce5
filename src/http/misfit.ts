import type { FastifyError, FastifySchemaValidationError } from 'fastify';
import type { Words } from '../domain/nouns/market.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';

interface Schema {
  readonly properties?: object;
  readonly anyOf?: readonly Schema[];
  /** Marks passwords and other secrets: an answer, and with it the journal, must not repeat them. */
  readonly writeOnly?: boolean;
}
/** As Ajv reports it; `verbose` (compilers.ts) adds the schema that did not hold and the value. */
type Misfit = FastifySchemaValidationError & { readonly parentSchema?: Schema; readonly data?: unknown };

/** A list of thousands of rows may be wrong in every row. */
const MOST_NAMED = 10;

/**
 * A request whose path, query or body does not fit the schema of its route: what is wrong, and what would have fitted.
 * @param docs where the schemas are described
 */
export function misfit(error: FastifyError, docs: string): Refusal {
  const part = error.validationContext ?? 'request';
  const misfits = inMeantBranches(error.validation ?? []);
  const named = misfits.slice(0, MOST_NAMED).map(describe);
  const rest = misfits.length - named.length;
  const en = named.map((words) => words.en).join('; ') + (rest > 0 ? `; and ${rest} more` : '');
  const zh = named.map((words) => words.zh).join('; ') + (rest > 0 ? `；另有 ${rest} 項` : '');
  return refuse('BAD_REQUEST', {
    en: `${part}: ${en}. The shapes are at ${docs}`,
    zh: `${part}：${zh}。格式載於 ${docs}`,
  });
}

/**
 * A union of objects fails with the misfits of every branch. The members that came show which branch was meant: its
 * misfits stay. If they show none, the union's own misfit stays, which names the choices.
 */
function inMeantBranches(misfits: readonly Misfit[]): readonly Misfit[] {
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
    const missing = String(params.missingProperty);
    return { en: `${instancePath}/${missing} is missing`, zh: `${at} 缺少欄位 "${missing}"` };
  }
  if (keyword === 'additionalProperties') {
    const unknown = `"${String(params.additionalProperty)}"`;
    const known = Object.keys(misfit.parentSchema?.properties ?? {}).join(', ');
    return known === ''
      ? {
          en: `${at} has the unknown member ${unknown}; it takes none`,
          zh: `${at} 含未知欄位 ${unknown}；此處不接受任何欄位`,
        }
      : {
          en: `${at} has the unknown member ${unknown}; it takes ${known}`,
          zh: `${at} 含未知欄位 ${unknown}；可用欄位：${known}`,
        };
  }
  const expected = expectation(misfit);
  const came = sent(misfit);
  return {
    en: `${at} ${expected.en}${came && `; came: ${came.en}`}`,
    zh: `${at} ${expected.zh}${came && `；收到：${came.zh}`}`,
  };
}

function expectation(misfit: Misfit): Words {
  const { keyword, params } = misfit;
  const en = misfit.message ?? keyword;
  switch (keyword) {
    case 'enum': {
      const allowed = (params.allowedValues as unknown[]).map(String).join(', ');
      return { en: `must be one of ${allowed}`, zh: `須為下列之一：${allowed}` };
    }
    case 'anyOf': {
      if (!hasChoices(misfit)) break;
      const choices = choicesOf(misfit).map((members) => members.join(' + '));
      return {
        en: `must be an object with exactly one of ${choices.join(', ')}`,
        zh: `須為物件，並只含下列其一：${choices.join('、')}`,
      };
    }
    case 'format':
      // The only format (compilers.ts).
      return { en: 'must be a date such as 2021-07-26', zh: '須為日期，例如 2021-07-26' };
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
  }
  return { en, zh: `不符合要求（${keyword}）` };
}

/** A scalar as it came, at most 100 characters of it; of a list or an object its type; nothing of a secret. */
function sent({ data, parentSchema }: Misfit): Words | '' {
  if (data === undefined || parentSchema?.writeOnly) return '';
  if (Array.isArray(data)) return { en: 'an array', zh: '陣列' };
  if (typeof data === 'object' && data !== null) return { en: 'an object', zh: '物件' };
  const text = JSON.stringify(typeof data === 'string' ? data.slice(0, 100) : data);
  return { en: text, zh: text };
}
