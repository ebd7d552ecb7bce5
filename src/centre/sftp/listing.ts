import { addDays, marketDate } from '../../domain/calendar/calendar.ts';
import type { Instant } from '../../domain/nouns/market.ts';
import type { RapNode } from '../../service/rap/tree.ts';

/** Everyone may read, nobody may write. */
const FOLDER_MODE = 0o040555;
const FILE_MODE = 0o100444;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

export interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly atime: number;
  readonly mtime: number;
}

/** Times are market time, in seconds as SFTP has them. */
export function attributesOf({ file, modifiedAt }: RapNode): Attributes {
  const time = Math.floor(modifiedAt / 1000);
  const mode = file ? FILE_MODE : FOLDER_MODE;
  return { mode, uid: 0, gid: 0, size: file?.sizeBytes ?? 0, atime: time, mtime: time };
}

/** The line of `ls -l`, in Hong Kong time: with the hour if it is from the last half year, else with the year. */
export function longName(node: RapNode, now: Instant): string {
  const { file, modifiedAt, name } = node;
  const date = marketDate(modifiedAt);
  const wall = new Date(modifiedAt + 8 * 3_600_000).toISOString();
  const isRecent = modifiedAt <= now && marketDate(modifiedAt) > addDays(marketDate(now), -182);
  const month = MONTHS[Number(date.slice(5, 7)) - 1] ?? '';
  const day = String(Number(date.slice(8))).padStart(2);
  const when = isRecent ? wall.slice(11, 16) : date.slice(0, 4).padStart(5);
  const size = String(file?.sizeBytes ?? 0).padStart(12);
  return `${file ? '-r--r--r--' : 'dr-xr-xr-x'}    1 rap      rap      ${size} ${month} ${day} ${when} ${name}`;
}
