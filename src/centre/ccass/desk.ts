import type { DeskOptions } from '../session/admit.ts';

export { problems, sessionOf } from '../session/admit.ts';
/** What every group of CCASS routes is given. */
export type CcassOptions = DeskOptions;
