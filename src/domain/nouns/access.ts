import type { Instant, ServiceName } from './market.ts';

/** Access to the services: users, their administration, RAP users and their keys. */

/**
 * Makers and checkers do the business of CCASS, a risk user that of ORP Online; the two Delegated Administrators manage the
 * users of their service and do no business.
 */
export type UserRole = 'maker' | 'checker' | 'risk' | 'da-maker' | 'da-checker';

export interface User {
  /** The only service that the user belongs to; absent = CCASS. */
  readonly service?: Exclude<ServiceName, 'ccass'>;
  readonly participant: string;
  /** X(8) at most. */
  readonly id: string;
  readonly name: string;
  readonly role: UserRole;
  /** `scrypt$N$r$p$salt$hash`, salt and hash in base64url. Never a password. */
  readonly passwordHash: string;
  readonly passwordSetAt: Instant;
  readonly wrongPasswords: number;
  readonly lockedAt: Instant | null;
  /** Largest value of one instruction this user may input, in HKD cents; null = no limit. */
  readonly inputLimitHkdCents: number | null;
  /** When a Delegated Administrator locked the user; absent = not. It does not lapse. */
  readonly disabledAt?: Instant;
  /** A Delegated Administrator set the password; the user must change it at the next log-on. */
  readonly mustChangePassword?: true;
  /** The authorisation code that a checker holds, hashed as a password is. */
  readonly authorisation?: { readonly codeHash: string; readonly until: Instant };
}

export type UserRequestStatus = 'waiting' | 'authorised';

/** A Delegated Administrator's (maker's) request to change a user; done as soon as a checker authorises it. */
export interface UserRequest {
  /** `Q` and 8 digits. */
  readonly number: string;
  /** The user's service; absent = CCASS. */
  readonly service?: Exclude<ServiceName, 'ccass'>;
  readonly participant: string;
  readonly act: 'create' | 'lock' | 'unlock' | 'reset';
  /** ID of the user to change. */
  readonly user: string;
  /** The user to create. */
  readonly profile?: Pick<User, 'name' | 'role' | 'inputLimitHkdCents'>;
  /** Hash of the new password, while the request waits. */
  readonly passwordHash?: string;
  readonly requestedBy: string;
  readonly requestedAt: Instant;
  readonly status: UserRequestStatus;
  readonly authorisedBy?: string;
  readonly authorisedAt?: Instant;
}

/** A user of RAP: one for each clearing participant, whose ID is the user ID. */
export interface RapUser {
  readonly participant: string;
  /** Like a user's; absent = no log-on by password. Never a password. */
  readonly passwordHash?: string;
  /** Wrong passwords, and connections without a valid key, since the last log-on. */
  readonly wrongTries: number;
  readonly lockedAt: Instant | null;
}

/** A public key of a RAP user. An old and a new one may be valid at the same time, while the participant changes over. */
export interface RapKey {
  readonly participant: string;
  /** `SHA256:` and base64, as OpenSSH writes it. */
  readonly fingerprint: string;
  /** The algorithm that the key names, such as `ssh-ed25519`. */
  readonly algorithm: string;
  readonly bits: number;
  /** The key itself in base64, as in a .pub file. */
  readonly publicKey: string;
  readonly comment: string;
  /** Valid from this instant ... */
  readonly from: Instant;
  /** ... until just before this one; null = until it is withdrawn. */
  readonly until: Instant | null;
}

/** A participant logged on in a session of a rehearsal; the Sunday session requires it. */
export interface Attendance {
  readonly rehearsal: string;
  readonly session: string;
  readonly participant: string;
  readonly at: Instant;
}
