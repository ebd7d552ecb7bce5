import type { Imrpf } from '../../domain/imrpf/imrpf.ts';
import type { Instant, MarketDate } from '../../domain/nouns/market.ts';
import type { RiskReportDefinition } from '../../domain/risk/risk-catalogue.ts';
import type { RiskRules } from '../../domain/risk/risk-rules.ts';
import type { RiskDays } from '../../domain/risk/risk-schedule.ts';

/** A seeded stream (testbed/random.ts). */
export interface Chance {
  next(): number;
  integer(from: number, to: number): number;
}

/** What the risk platform of a centre works with besides its books; both centres share it. */
export interface RiskSetup {
  readonly rules: RiskRules;
  readonly days: RiskDays;
  /** The reports in RAP, by ID (fixtures/orp/reports/). */
  readonly catalogue: ReadonlyMap<string, RiskReportDefinition>;
  /** Start of the books: the runs of the business day before it are made good. */
  readonly since: Instant;
  /** The stream of one use, such as risk parameter files: a new one at each call, always the same draws. */
  readonly chance: (use: string) => Chance;
  /** The user's own risk parameter file in place of generated ones. */
  readonly ownImrpf: OwnImrpf | null;
  /** Instruments of a generated file, up to which made-up ones are added; null = those of the market. */
  readonly imrpfInstruments: number | null;
  /** Files in memory, by the SHA-256 of their csv. */
  readonly shelf: ImrpfShelf;
}

export interface OwnImrpf {
  readonly imrpf: Imrpf;
  readonly sha256: string;
  /** The csv as it came, from its beginning. */
  open(): AsyncIterable<Uint8Array>;
  /** Rows after the header row. */
  readonly records: number;
}

/** A risk parameter file, and the business date that it was published for. */
export interface ImrpfInForce {
  readonly imrpf: Imrpf;
  readonly businessDate: MarketDate;
  readonly sha256: string;
}

/** Holds the last few files: one may be as large as its 3,000 instruments make it. */
export class ImrpfShelf {
  readonly #files = new Map<string, Promise<Imrpf>>();
  readonly #most: number;

  constructor(most = 3) {
    this.#most = most;
  }

  /** The file of this digest, read by `read` unless it is here. */
  get(sha256: string, read: () => Promise<Imrpf>): Promise<Imrpf> {
    const here = this.#files.get(sha256);
    if (here) {
      // To the end of the line: the one that was not asked for longest goes first.
      this.#files.delete(sha256);
      this.#files.set(sha256, here);
      return here;
    }
    const reading = read();
    this.#files.set(sha256, reading);
    reading.catch(() => this.#files.delete(sha256));
    for (const oldest of this.#files.keys()) {
      if (this.#files.size <= this.#most) break;
      this.#files.delete(oldest);
    }
    return reading;
  }
}
