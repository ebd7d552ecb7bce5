import type { RefusalCode } from '../../domain/refusal.ts';

/** Status codes of SFTP version 3 (draft-ietf-secsh-filexfer-02, section 7). */
export const STATUS = {
  OK: 0,
  EOF: 1,
  NO_SUCH_FILE: 2,
  PERMISSION_DENIED: 3,
  FAILURE: 4,
  BAD_MESSAGE: 5,
  OP_UNSUPPORTED: 8,
} as const;
export type Status = (typeof STATUS)[keyof typeof STATUS];

/**
 * SFTP's codes for refusals after log-on. It has few: FAILURE where trying again later may help, else PERMISSION_DENIED.
 * The refusal's text is sent too, though many clients show their own. A mock convention (docs/rap.md).
 */
export const SFTP_STATUS: Readonly<Partial<Record<RefusalCode, Status>>> = {
  NO_SESSION: STATUS.PERMISSION_DENIED,
  SESSION_ENDED: STATUS.PERMISSION_DENIED,
  NOT_ENTITLED: STATUS.PERMISSION_DENIED,
  NOT_FOUND: STATUS.NO_SUCH_FILE,
};

export function statusOf(code: RefusalCode): Status {
  return SFTP_STATUS[code] ?? STATUS.FAILURE;
}
