import type { FastifyRequest } from 'fastify';
import * as schema from '../../api/orp/simulations.ts';
import { API } from '../../domain/access/service-api.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import { TRADE_COLUMNS } from '../../domain/risk/hypothetical-trade.ts';
import type { CentreService } from '../../service/service.ts';
import { discardBody } from '../https/upload.ts';

type SimulationRequest = Parameters<CentreService['orp']['simulate']>[1];

/** Of a simulation's JSON or csv. Enough for 10,000 trades. */
export const SIMULATION_LIMIT_BYTES = 2 * 1024 * 1024;

/**
 * Reads a simulation request from any of its bodies: JSON; a csv of hypothetical trades, which is path C with the settings
 * in the query; or a form with the csv as the file `trades` and the rest as JSON in the field `settings`.
 */
export async function simulationRequest(
  request: FastifyRequest,
  defaults: { readonly account: string },
  readTradeList: CentreService['orp']['readTradeList'],
): Promise<SimulationRequest | Refusal> {
  const { body } = request;
  if (Buffer.isBuffer(body)) {
    const query = request.query as schema.CsvQuery;
    return { path: 'C', ...defaults, ...query, trades: await readTradeList(body) };
  }
  if (!request.isMultipart()) {
    // Without a content type nothing is read, and nothing validated.
    if (body === undefined) return noBody();
    const { trades, ...rest } = body as schema.SimulationBody;
    return trades ? { ...rest, trades: { rows: trades.map(typedRow) } } : rest;
  }
  const form = await formOf(request);
  return isRefusal(form) ? form : { ...form.settings, trades: await readTradeList(form.csv) };
}

function noBody(): Refusal {
  return refuse('BAD_REQUEST', {
    en: `The request has no body. Send the simulation as JSON, its trades as text/csv, or a form; the shapes are at ${API.orp}/docs`,
    zh: `請求並無內文。請以 JSON 傳送模擬、以 text/csv 傳送交易，或使用表單；格式見 ${API.orp}/docs`,
  });
}

function typedRow(trade: NonNullable<schema.SimulationBody['trades']>[number], index: number) {
  const cells = TRADE_COLUMNS.flatMap((field) => {
    const value = trade[field];
    return value === undefined || value === null ? [] : [[field, String(value)] as const];
  });
  return { line: index + 1, cells: Object.fromEntries(cells) };
}

async function formOf(request: FastifyRequest) {
  let isRead = false;
  try {
    const form = await readForm(request);
    isRead = !isRefusal(form);
    return form;
  } catch (error) {
    if (!(error instanceof Error) || 'validation' in error) throw error;
    if ('code' in error && error.code === 'FST_REQ_FILE_TOO_LARGE') return tooLarge();
    // All that is read here comes from the client: it broke off, or is not a form.
    return badForm();
  } finally {
    // The rest of it would stand in the way of the connection's next request.
    if (!isRead) await discardBody(request.raw, SIMULATION_LIMIT_BYTES);
  }
}

async function readForm(request: FastifyRequest) {
  let settings: schema.FormSettings | undefined;
  let csv: Buffer | undefined;
  for await (const part of request.parts()) {
    if (part.type === 'file') {
      if (csv !== undefined || part.fieldname !== 'trades') return badForm();
      csv = await part.toBuffer();
      if (part.file.truncated) return tooLarge();
    } else if (part.fieldname === 'settings') {
      const json = parsed(part.value);
      const validate = request.compileValidationSchema(schema.FormSettings, 'body');
      if (json === undefined) return badForm();
      // The error handler answers it as it does an invalid body: it names every wrong member.
      if (!validate(json)) throw Object.assign(new Error('settings'), { validation: validate.errors ?? [] });
      settings = json as schema.FormSettings;
    } else return badForm();
  }
  return settings && csv ? { settings, csv } : badForm();
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text).replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

function badForm(): Refusal {
  return refuse('BAD_REQUEST', {
    en: 'A form has two parts: the field `settings`, a JSON object as in /orp/v1/docs but without `trades`, and the file `trades`, a csv. For example: curl -F \'settings={"path":"C","account":"HK B09901 MA1"}\' -F trades=@trades.csv',
    zh: '表單須有兩部分：欄位 `settings`（JSON 物件，格式見 /orp/v1/docs，不含 `trades`）及檔案 `trades`（csv）。例如：curl -F \'settings={"path":"C","account":"HK B09901 MA1"}\' -F trades=@trades.csv',
  });
}

function tooLarge(): Refusal {
  return refuse('TOO_LARGE', {
    en: `The trades may have up to ${SIMULATION_LIMIT_BYTES} bytes. Send fewer.`,
    zh: `買賣檔案上限為 ${SIMULATION_LIMIT_BYTES} 位元組，請縮減。`,
  });
}
