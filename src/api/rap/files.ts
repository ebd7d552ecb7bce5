import { askedDate, date, instant, listOf, oneOf, strict } from '../parts.ts';
import Type, { named, type Shape } from '../schema-builder.ts';

/** The JSON of the file list of /rap/v1: a mock convention throughout. */

const folder = oneOf('INBOX', 'COMMON', 'RPF');
const day = Type.String({ pattern: '^[0-9]{8}$', examples: ['20210723'] });

export const FileQuery = Type.Object({ folder: Type.Optional(folder), businessDate: askedDate }, strict);

export const File = named(
  'File',
  Type.Object(
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
  ),
);
export type File = Shape<typeof File>;
export const Files = named('Files', listOf(File));
export const FileParams = Type.Object({ folder, day, name: Type.String({ maxLength: 64 }) }, strict);
