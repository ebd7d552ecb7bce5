/** Rules of RAP. Mock conventions, all of them: HKEX publishes no value (fixtures/market/rap.json). */
export interface RapRules {
  /** A daily folder is kept for so many calendar days, its business date included. */
  readonly keptDays: number;
  readonly sessionsPerUser: number;
  /** Keys and passwords that one connection may try. */
  readonly triesPerConnection: number;
  /** Whether a user who has a password may log on with it. */
  readonly passwordLogon: boolean;
}
