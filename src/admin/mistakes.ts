import type { FastifyError, FastifySchemaValidationError } from 'fastify';
import type { TSchema } from 'typebox';
import { nearest } from '../domain/nearest.ts';
import type { Words } from '../domain/nouns/market.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import { misfitWords } from '../http/misfit-words.ts';

/** What the caller did wrong, from what Fastify says of it; null = not the caller's doing. */
export function mistakeOf(
  error: FastifyError,
  request: TSchema | undefined,
  came: unknown,
  limitBytes: number,
): Refusal | null {
  if (error.validation) return badRequest(whatIsWrong(error.validation, request, came));
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return tooLarge(limitBytes, 'content' in propertiesOf(request));
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return refuse('UNSUPPORTED_MEDIA', {
        en: 'The body is JSON here: send it with `Content-Type: application/json`.',
        zh: '內容須為 JSON：請使用標頭 `Content-Type: application/json`。',
      });
  }
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) return null;
  return badRequest({
    en: `${error.message}: send one JSON object`,
    zh: `未能讀取請求（${error.code ?? status}）：請傳送一個 JSON 物件`,
  });
}

function tooLarge(limitBytes: number, isFile: boolean): Refusal {
  const mib = Math.floor((limitBytes * 3) / 4 / 1_048_576);
  const file = isFile
    ? { en: `, a file of ${mib} MiB in base64`, zh: `（即 base64 編碼的 ${mib} MiB 檔案）` }
    : { en: '', zh: '' };
  return refuse('TOO_LARGE', {
    en: `A body may have ${limitBytes} bytes here${file.en}. Send less.`,
    zh: `此處內容上限為 ${limitBytes} 位元組${file.zh}，請縮減。`,
  });
}

function badRequest(what: Words): Refusal {
  return refuse('BAD_REQUEST', {
    en: `${what.en}. The page at /docs shows what each request takes.`,
    zh: `${what.zh}。各請求的格式見 /docs。`,
  });
}

/** A path that nothing answers, or that answers other methods only. */
export function notHere(method: string, path: string, routes: readonly { method: string; path: string }[]): Refusal {
  const methods = routes.filter((route) => route.path === path).map((route) => route.method);
  if (methods.length > 0) {
    return refuse(
      'METHOD_NOT_ALLOWED',
      {
        en: `${path} does not take ${method}. Use ${methods.join(' or ')}.`,
        zh: `${path} 不接受 ${method}，請使用 ${methods.join(' 或 ')}。`,
      },
      { more: { allow: methods } },
    );
  }
  const paths = [...new Set(routes.map((route) => route.path))];
  const near = nearest(path, paths);
  const shown = near.length > 0 ? near : ['/docs'];
  return refuse(
    'NOT_FOUND',
    {
      en: `Nothing answers at ${path.slice(0, 200)}. Nearest: ${shown.join(', ')}; all of them: /docs.`,
      zh: `${path.slice(0, 200)} 並無服務。最接近的為 ${shown.join('、')}；全部見 /docs。`,
    },
    { more: { nearest: near } },
  );
}

/** A union is told by its branches' members: which of them was meant decides whose fault is named. */
function whatIsWrong(
  errors: readonly FastifySchemaValidationError[],
  schema: TSchema | undefined,
  came: unknown,
): Words {
  const branches = branchesOf(schema);
  if (!branches) {
    return errors[0]
      ? describe(errors[0], schema, came)
      : { en: 'The request does not fit its schema', zh: '請求不符合格式' };
  }
  const given = Object.keys(Object(came));
  const meant = branches.findIndex((branch) => given.some((member) => member in propertiesOf(branch)));
  const fault = errors.find((error) => error.schemaPath.startsWith(`#/anyOf/${meant}/`));
  if (meant >= 0 && fault) return describe(fault, branches[meant], came);
  const choices = branches.map((branch) => Object.keys(propertiesOf(branch)).join(' + '));
  return {
    en: `Send one object with exactly one of ${choices.join(', ')}`,
    zh: `請傳送一個物件，並只含下列其一：${choices.join('、')}`,
  };
}

function describe(error: FastifySchemaValidationError, schema: TSchema | undefined, came: unknown): Words {
  const { params, keyword, instancePath } = error;
  const where = instancePath.slice(1).replaceAll('/', '.');
  const within = where ? `${where}.` : '';
  const value = where.split('.').reduce<unknown>((at, member) => (member ? Object(at)[member] : at), came);
  if (keyword === 'additionalProperties') {
    const unknown = `${within}${String(params.additionalProperty)}`;
    const known = where ? '' : Object.keys(propertiesOf(schema)).join(', ');
    return {
      en: `Unknown field ${unknown}${known && `; allowed: ${known}`}`,
      zh: `未知欄位 ${unknown}${known && `；可用欄位：${known}`}`,
    };
  }
  if (keyword === 'required') {
    const missing = `${within}${String(params.missingProperty)}`;
    return { en: `${missing} is missing`, zh: `缺少欄位 ${missing}` };
  }
  const says = misfitWords(error);
  const given = JSON.stringify(value)?.slice(0, 100);
  return {
    en: `${where || 'The request'} ${says.en}; came: ${given}`,
    zh: `${where || '請求'} ${says.zh}；收到：${given}`,
  };
}

function branchesOf(schema: TSchema | undefined): TSchema[] | null {
  return schema && 'anyOf' in schema && Array.isArray(schema.anyOf) ? schema.anyOf : null;
}

export function propertiesOf(schema: TSchema | undefined): Record<string, TSchema> {
  const properties = schema && 'properties' in schema ? schema.properties : undefined;
  return typeof properties === 'object' && properties !== null ? (properties as Record<string, TSchema>) : {};
}
