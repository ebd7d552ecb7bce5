import type { RefusalCode } from '../domain/refusal.ts';

/** 1 = any other failure: a task of a rehearsal, or a bug. */
export const FAILED = 1;
export const USAGE = 2;
export const CONFIGURATION = 3;
export const NOT_REACHABLE = 4;
/** `rehearse --with`: the client ended in order, but in a session it did not log on, or every row of it was refused. */
export const TASKS_NOT_DONE = 5;

/** The exit code of each refusal. A new refusal code does not compile until it has a row; numbers never change. */
export const EXIT_CODE: Readonly<Record<RefusalCode, number>> = {
  BAD_FILE: CONFIGURATION,
  NOT_OPEN: 10,
  CENTRE_STANDBY: 11,
  NO_SESSION: 12,
  SESSION_ENDED: 13,
  NOT_ENTITLED: 14,
  NOT_REGISTERED: 15,
  TERMINAL_UNSUPPORTED: 16,
  ADDRESS_NOT_ALLOWED: 17,
  BAD_CREDENTIALS: 18,
  USER_LOCKED: 19,
  PASSWORD_EXPIRED: 20,
  BAD_NEW_PASSWORD: 21,
  SESSION_EXISTS: 22,
  BAD_REQUEST: 23,
  NOT_FOUND: 24,
  METHOD_NOT_ALLOWED: 25,
  TOO_LARGE: 26,
  UNSUPPORTED_MEDIA: 27,
  UNREADABLE_BODY: 29,
  RANGE_NOT_SATISFIABLE: 30,
  STORAGE_FULL: 31,
  WRONG_PARTICIPANT: 32,
  SEQUENCE_USED: 33,
  BAD_CURSOR: 34,
  CLOCK_BACKWARDS: 35,
  ALREADY_ACTIVE: 36,
  SWITCH_UNDER_WAY: 37,
  TOKEN_NEEDED: 38,
  FOREIGN_ORIGIN: 39,
  BAD_AUTHORISATION_CODE: 50,
  USER_REQUEST_CONFLICT: 51,
  SIMULATION_NOT_OFFERED: 54,
  BAD_TRADES: 55,
  TOO_MANY_SNAPSHOTS: 60,
  TOO_MANY_SIMULATIONS: 56,
  FILE_DAMAGED: 57,
  PRECONDITION_FAILED: 58,
  REPORT_NOT_MADE: 59,
};
