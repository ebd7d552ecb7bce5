/** What a client in TypeScript may rely on. It is type-checked against generated types (check.mjs) and never run. */
import type { components as Ccass, operations as CcassOperations } from './generated/ccass.js';
import type { components as Control, operations as ControlOperations } from './generated/control.js';
import type { operations as OrpOperations } from './generated/orp.js';
import type { operations as RapOperations } from './generated/rap.js';

type Problem = Ccass['schemas']['Problem'];
type AnswerOf<Operation, Status> = Operation extends {
  responses: { [S in Status & number]: { content: infer Content } };
}
  ? Content[keyof Content]
  : never;

const logOn: CcassOperations['logOn']['requestBody']['content']['application/json'] = {
  participant: 'B09901',
  user: 'MAKER01',
  password: 'Rehearsal-2021',
  channel: 'C3T',
};
export const requests = { logOn };

/** What to do when a request is refused; a misspelt code would not compile. */
export function next({ code, retryAt, reason }: Problem): string {
  if (code === 'NOT_OPEN') return `wait until ${retryAt ?? 'it is known'}`;
  if (code === 'SESSION_ENDED') return reason === 'switch' ? 'log on again' : 'look why';
  if (code === 'CENTRE_STANDBY') return 'use the line';
  // @ts-expect-error there is no such code
  if (code === 'NO_SUCH_CODE') return 'never';
  return code;
}

export const refusedLines = (batch: AnswerOf<CcassOperations['getBatch'], 200>): string[] =>
  batch.refusedRows.rows.map(
    ({ line, reason, came, expected, says }) => `${line} ${reason} ${came} ${expected} ${says.zh}`,
  );
export const uploaded = (batch: AnswerOf<CcassOperations['uploadBatch'], 202>): string => batch.reference;
export const uploadedAgain = (batch: AnswerOf<CcassOperations['uploadBatch'], 200>): boolean => batch.repeat === true;
export const refused = (problem: AnswerOf<CcassOperations['uploadBatch'], 409>): Problem['code'] => problem.code;
export const files = (answer: AnswerOf<RapOperations['listFiles'], 200>): string[] =>
  answer.rows.map(({ name }) => name);
export const total = (answer: AnswerOf<OrpOperations['getMargin'], 200>) => answer.margin;
export const time = (answer: AnswerOf<ControlOperations['state'], 200>) => answer;
export type Entry = Control['schemas'];

/** The three ways to send a batch file. */
export type Upload = CcassOperations['uploadBatch']['requestBody']['content'];
export const ways: readonly (keyof Upload)[] = ['text/plain', 'application/octet-stream', 'multipart/form-data'];
