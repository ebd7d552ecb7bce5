import type { FastifyError, FastifyRequest } from 'fastify';
import { type Refusal, refuse } from '../domain/refusal.ts';
import { misfit } from './misfit.ts';

/**
 * The refusal for an error that Fastify throws before a handler runs. Fastify's texts are English only and seldom name the
 * next step. Null if the error is a bug of ours.
 * @param docs the page that describes the routes
 * @param limitBytes for a body whose route sets no limit
 */
export function frameworkRefusal(
  error: FastifyError,
  request: FastifyRequest,
  docs: string,
  limitBytes: number,
): Refusal | null {
  if (error.validation) return misfit(error, docs);
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return tooLarge(request, limitBytes);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return refuse('UNSUPPORTED_MEDIA', {
        en: 'Send JSON: Content-Type: application/json',
        zh: '請傳送 JSON：Content-Type: application/json',
      });
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return refuse('BAD_REQUEST', {
        en: `The body is not valid JSON. Correct it and send it again; the shapes are at ${docs}`,
        zh: `內容並非 JSON。請更正後再試；格式載於 ${docs}`,
      });
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return refuse('BAD_REQUEST', {
        en: `The body is empty. Send JSON, or leave Content-Type out if the request needs no body; the shapes are at ${docs}`,
        zh: `未有內容。請傳送 JSON；如無須內容，請略去 Content-Type。格式載於 ${docs}`,
      });
    case 'FST_ERR_BAD_URL': {
      const path = request.url.split('?')[0]?.slice(0, 200);
      return refuse('BAD_REQUEST', {
        en: `The path ${path} cannot be decoded. Write % as %25, and other characters as RFC 3986 has it.`,
        zh: `無法解讀路徑 ${path}。請將 % 寫作 %25，其他字元依 RFC 3986 編碼。`,
      });
    }
  }
  const isCallers = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500;
  if (!isCallers) return null;
  // Another error of the caller, such as a wrong content-length.
  return refuse('BAD_REQUEST', {
    en: `${error.message}. Correct it and try again.`,
    zh: `請求有誤（${error.message}）。請更正後再試。`,
  });
}

function tooLarge({ routeOptions }: FastifyRequest, limitBytes: number): Refusal {
  const limit = routeOptions.bodyLimit ?? limitBytes;
  const { properties = {} } = Object(routeOptions.schema?.body) as {
    properties?: Readonly<Record<string, { contentEncoding?: string }>>;
  };
  const hasFile = Object.values(properties).some(({ contentEncoding }) => contentEncoding === 'base64');
  const mib = Math.floor((limit * 3) / 4 / 1_048_576);
  return refuse('TOO_LARGE', {
    en: `A body may have ${limit} bytes here${hasFile ? `, a file of ${mib} MiB in base64` : ''}. Send less.`,
    zh: `此處內容上限為 ${limit} 位元組${hasFile ? `（即 base64 編碼的 ${mib} MiB 檔案）` : ''}，請縮減。`,
  });
}
