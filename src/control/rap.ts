import type { Static, TSchema } from 'typebox';
import { oneOf } from '../api/parts.ts';
import Type from '../api/schema-builder.ts';
import type { RapKey } from '../domain/nouns/access.ts';
import type { RapFile } from '../domain/nouns/reports.ts';
import { REPORT_ID_PATTERN } from '../domain/report-id.ts';
import { rapFilesAnswer, rapKey, rapKeysAnswer, withdrawnFilesAnswer } from './schemas.ts';

/** The operations of Control for RAP; control.ts includes them. */

const answer = <T>(schema: TSchema) => Type.Unsafe<T>(schema);
const strict = { additionalProperties: false };

const participant = Type.String({ pattern: '^[A-Z0-9]{6}$', examples: ['B09901'] });
/** Of a filter: the market says which is nearest. */
const anyParticipant = Type.String({ maxLength: 20, examples: ['B09901'] });
const instantText = Type.String({ examples: ['2021-07-24T16:30'], maxLength: 40 });
const snapshot = Type.String({ pattern: '^([01][0-9]|2[0-3])[0-5][0-9]$', examples: ['2030'] });

/** Base64 of a csv of 16 MiB; an assumed limit. */
const CSV_MAX_LENGTH = 4 * Math.ceil((16 * 1024 * 1024) / 3);
const packagePlace = {
  id: Type.String({ pattern: REPORT_ID_PATTERN, examples: ['RMAMR01'] }),
  /** A participant ID, or COMMON. */
  participant,
  businessDate: Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', examples: ['2021-07-23'] }),
  snapshot,
};

const publishedPlace = { ...packagePlace, folder: Type.Optional(oneOf('INBOX', 'COMMON', 'RPF')) };

/** The query of a csv that is sent as the body itself. */
export const RAP_CSV_PLACE = Type.Object(publishedPlace, strict);
/** A csv as it comes, and the place for it. */
export interface RapCsv extends Static<typeof RAP_CSV_PLACE> {
  readonly csv: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export const RAP_CONTROL = {
  rapKeys: {
    method: 'GET',
    path: '/v1/rap-keys',
    summary: "RAP users' public keys, whether valid now or not",
    request: Type.Object({ participant: Type.Optional(anyParticipant) }, strict),
    answer: answer<{ readonly keys: readonly RapKey[] }>(rapKeysAnswer),
  },
  addRapKey: {
    method: 'POST',
    path: '/v1/rap-keys',
    summary: 'Register a public key, optionally for a period; other keys of the participant stay valid',
    request: Type.Object(
      {
        participant,
        publicKey: Type.String({ minLength: 1, maxLength: 10_000, description: 'A line of a .pub file, or RFC 4716' }),
        from: Type.Optional(instantText),
        until: Type.Optional(instantText),
      },
      strict,
    ),
    answer: answer<RapKey>(rapKey),
  },
  withdrawRapKey: {
    method: 'DELETE',
    path: '/v1/rap-keys',
    summary: 'Withdraw a public key; open sessions go on',
    request: Type.Object({ participant, fingerprint: Type.String({ maxLength: 60 }) }, strict),
    answer: answer<RapKey>(rapKey),
  },
  rapFiles: {
    method: 'GET',
    path: '/v1/rap-files',
    summary: 'Every RAP file in the active centre, including those not yet published and those past their retention',
    request: Type.Object({ participant: Type.Optional(anyParticipant) }, strict),
    answer: answer<{ readonly files: readonly RapFile[] }>(rapFilesAnswer),
  },
  publishRapPackage: {
    method: 'POST',
    path: '/v1/rap-files',
    summary:
      "Put your csv in a RAP report's place, or publish it as a new report: data and control zip. A large csv is the body itself: application/octet-stream, 256 MiB unless --limit rapCsvBytes says otherwise, with the other members as the query",
    request: Type.Object(
      {
        ...publishedPlace,
        content: Type.String({
          description: 'The csv, in base64',
          contentEncoding: 'base64',
          maxLength: CSV_MAX_LENGTH,
        }),
      },
      strict,
    ),
    answer: answer<{ readonly files: readonly RapFile[] }>(rapFilesAnswer),
    bodyLimitBytes: CSV_MAX_LENGTH + 1024,
  },
  withdrawRapPackage: {
    method: 'DELETE',
    path: '/v1/rap-files',
    summary: "Remove your csv from a RAP report's place",
    request: Type.Object(packagePlace, strict),
    answer: answer<{ readonly files: readonly RapFile[]; readonly restored: boolean }>(withdrawnFilesAnswer),
  },
} as const;
