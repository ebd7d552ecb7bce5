import { askedDate, date, instant, nullable, oneOf, participantId, strict, words } from '../parts.ts';
import Type from '../schema-builder.ts';

/** The JSON of /rap/v1: a mock convention throughout. */

export const RapLogonBody = Type.Object(
  { participant: participantId, password: Type.String({ minLength: 1, maxLength: 128, writeOnly: true }) },
  strict,
);

export const RapLoggedOn = Type.Object(
  {
    token: Type.String({ description: 'Send it as `Authorization: Bearer`; it is set as a cookie too' }),
    participant: participantId,
    centre: oneOf('primary', 'backup'),
    release: Type.String(),
    rehearsalSession: nullable(Type.Object({ id: Type.String(), name: words }, strict)),
    loggedOnAt: instant,
    idleMinutes: Type.Integer({ description: 'Minutes of market time without a request that end the session' }),
    simulated: Type.Literal(true),
  },
  strict,
);

const folder = oneOf('INBOX', 'COMMON', 'RPF');
const day = Type.String({ pattern: '^[0-9]{8}$', examples: ['20210723'] });

export const RapQuery = Type.Object({ folder: Type.Optional(folder), businessDate: askedDate }, strict);

export const RapFileRow = Type.Object(
  {
    path: Type.String({ examples: ['/INBOX/20210723/RMAMR01_B09901_20210723_2030_D.zip'] }),
    folder,
    day,
    name: Type.String(),
    reportId: Type.String({ examples: ['RMAMR01'] }),
    part: oneOf('data', 'control'),
    businessDate: date,
    publishedAt: instant,
    sizeBytes: Type.Integer(),
    sha256: Type.String({ description: 'Of the zip' }),
  },
  strict,
);
export const RapFiles = Type.Object({ rows: Type.Array(RapFileRow) }, strict);
export const RapFileParams = Type.Object({ folder, day, name: Type.String({ maxLength: 64 }) }, strict);
