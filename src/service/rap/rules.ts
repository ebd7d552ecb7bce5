/** Rules of RAP. Mock conventions, all of them: HKEX publishes no value (fixtures/market/rap.json). */
export interface RapRules {
  /** A daily folder is there for so many calendar days, its own included. */
  readonly keptDays: number;
  readonly sessionsPerUser: number;
  /** Keys and passwords that one connection may try. */
  readonly triesPerConnection: number;
  /** Whether a user who has a password may log on by it. */
  readonly passwordLogon: boolean;
}
