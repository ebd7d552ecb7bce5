import type { Instant, ServiceName } from './market.ts';

/** Who may use which service: users, their administration, RAP users and their keys. */

/**
 * Makers and checkers do CCASS' business, a risk user that of ORP Online; the two of the Delegated Administrators look
 * after the users of their service and do none.
 */
export type UserRole = 'maker' | 'checker' | 'risk' | 'da-maker' | 'da-checker';

export interface User {
  /** The service that the user belongs to and to no other; absent = CCASS. */
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
  /** The password was given by a Delegated Administrator and is to be replaced at the next log-on. */
  readonly mustChangePassword?: true;
  /** The authorisation code that a checker holds, hashed as a password is. */
  readonly authorisation?: { readonly codeHash: string; readonly until: Instant };
}

export type UserRequestStatus = 'waiting' | 'authorised';

/** What a Delegated Administrator (maker) asks for about a user; done as soon as a checker authorises it. */
export interface UserRequest {
  /** `Q` and 8 digits. */
  readonly number: string;
  /** Of the user; absent = CCASS. */
  readonly service?: Exclude<ServiceName, 'ccass'>;
  readonly participant: string;
  readonly act: 'create' | 'lock' | 'unlock' | 'reset';
  /** ID of the user whom it is about. */
  readonly user: string;
  /** Of a user to be created. */
  readonly profile?: Pick<User, 'name' | 'role' | 'inputLimitHkdCents'>;
  /** Of a first password that was given, while the request waits. */
  readonly passwordHash?: string;
  readonly requestedBy: string;
  readonly requestedAt: Instant;
  readonly status: UserRequestStatus;
  readonly authorisedBy?: string;
  readonly authorisedAt?: Instant;
}

/** Who may reach RAP: one for each clearing participant, its user ID the participant ID. */
export interface RapUser {
  readonly participant: string;
  /** As a user's; absent = no log-on by password. Never a password. */
  readonly passwordHash?: string;
  /** Wrong passwords, and connections that showed no key that holds, since the last log-on. */
  readonly wrongTries: number;
  readonly lockedAt: Instant | null;
}

/** A public key of a RAP user. An old and a new one may hold at once, while the participant changes over. */
export interface RapKey {
  readonly participant: string;
  /** `SHA256:` and base64, as OpenSSH writes it. */
  readonly fingerprint: string;
  /** Such as `ssh-ed25519`, as the key names itself. */
  readonly algorithm: string;
  readonly bits: number;
  /** The key itself in base64, as it stands in a .pub file. */
  readonly publicKey: string;
  readonly comment: string;
  /** It holds from this instant ... */
  readonly from: Instant;
  /** ... until just before this one; null = until it is withdrawn. */
  readonly until: Instant | null;
}

/** A participant logged on in a session of a rehearsal; the Sunday check asks for it. */
export interface Attendance {
  readonly rehearsal: string;
  readonly session: string;
  readonly participant: string;
  readonly at: Instant;
}
