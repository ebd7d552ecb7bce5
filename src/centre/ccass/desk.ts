import type { DeskOptions } from '../desk.ts';

export { problems, sessionOf } from '../desk.ts';
/** What every group of CCASS routes is given. */
export type CcassOptions = DeskOptions;
