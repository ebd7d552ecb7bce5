import { count, date, flag, list, object, oneOf, optional, sha256, text, words } from '../shape.ts';

/** Reports and RAP files: published, opened, downloaded. */

/** Ranges that one entry names; an entry says how many more there were. */
export const MOST_RANGES = 100;

/** How a transfer ended: in order, by a client that went, or by a switch. */
const DOWNLOAD_ENDS = ['closed-by-client', 'gone', 'cut'] as const;
export type DownloadEnd = (typeof DOWNLOAD_ENDS)[number];

const id = text('Report ID, such as ZSICR01 or RMAMR03');
const packageName = text('Name that data file and control file share');
const part = oneOf(['D', 'C'], 'Data file or control file');
const businessDate = date('Of the run that made it');
const sizeBytes = count('Of the whole file');
const digest = sha256('Of the whole file');

export const report = object({
  what: oneOf(
    ['published', 'user-published', 'user-withdrawn', 'not-made', 'too-wide'],
    '`user-`: a file that the tester supplied; `not-made`: a file that a figure does not fit; `too-wide`: printed with `*` for a figure',
  ),
  report: optional(text('Reference; RAP files have none')),
  id,
  businessDate: optional(businessDate),
  format: optional(oneOf(['data', 'text'], 'Of a CCASS report')),
  fileName: optional(text('Of a RAP file')),
  sizeBytes,
  sha256: optional(digest),
  batch: optional(text('Batch that it answers')),
  reason: optional(words('Of `not-made` and `too-wide`: the figure, its field or column, and what to do')),
});

export const open = object({
  path: text('In the tree of RAP'),
  id,
  package: packageName,
  part,
  businessDate,
  sizeBytes,
  sha256: digest,
  control: oneOf(['there', 'missing'], 'Whether the control file was published at this moment'),
});

export const download = object({
  report: optional(text('Reference of a CCASS report')),
  path: optional(text('Of a RAP file')),
  fileName: text('Name of the file'),
  id,
  package: optional(packageName),
  part: optional(part),
  businessDate,
  sizeBytes,
  sha256: digest,
  ranges: list(
    object({ first: count('First byte'), last: count('Last byte, which is included') }),
    'What was sent, joined where it touches',
    MOST_RANGES,
  ),
  rangesLeftOut: optional(count('Ranges that this entry does not name')),
  bytes: count('Bytes sent, each counted once'),
  whole: flag('Whether every byte was sent over this handle or in this answer'),
  ended: oneOf(DOWNLOAD_ENDS, 'How: in order, by a client that went, or by a switch'),
});
