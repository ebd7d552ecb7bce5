import { Problem } from '../api/session.ts';
import { type RefusalCode, TITLES } from '../domain/refusal.ts';
import { HTTP_STATUS } from './problem.ts';

/**
 * The `response` of a route for the refusals that it may answer: each status by itself, with the codes behind it, and the 500 of
 * a bug of ours.
 */
export function refusalAnswers(...codes: readonly RefusalCode[]): Readonly<Record<string, object>> {
  const byStatus = Map.groupBy(new Set(codes), (code) => HTTP_STATUS[code]);
  const told = [...byStatus].map(([status, its]) => [String(status), its.map(sentence).join('; ')] as const);
  const answers = [...told, ['500', 'HARNESS_ERROR: a bug of ccass-harness'] as const];
  return Object.fromEntries(answers.map(([status, description]) => [status, { description, content: PROBLEM }]));
}

const PROBLEM = { 'application/problem+json': { schema: Problem } };
const sentence = (code: RefusalCode) => `${code}: ${TITLES[code].en}`;
