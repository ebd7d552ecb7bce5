import { isRefusal, type Refusal } from '../domain/refusal.ts';
import type { Harness, HarnessOptions } from '../harness/options.ts';
import type { RehearseOptions, RehearseResult } from '../rehearsal/rehearse.ts';
import type { Environment } from './config.ts';

/** What the commands need of the outside; cli.ts gives the real one, tests another. */
export interface World {
  readonly environment: Environment;
  /** How this program was called, for the commands that it suggests: `npx ccass-harness`. */
  readonly invocation: string;
  readonly version: string;
  /** Whether a person's terminal sends Ctrl-C to a child of ours as well. */
  readonly terminal: boolean;
  /** A line on standard output: answers. */
  print(line: string): void;
  /** A line on standard error: progress and mistakes. */
  complain(line: string): void;
  /** Draws the last line of standard error anew; undefined where that is no terminal. */
  readonly redraw?: ((text: string) => void) | undefined;
  /** Calls `handler` at each SIGINT, SIGTERM and SIGHUP, in place of ending, until the returned function is called. */
  onSignal(handler: (signal: NodeJS.Signals) => void): () => void;
  /** Ends at once. */
  leave(code: number): void;
  startHarness(options: HarnessOptions): Promise<Harness>;
  rehearse(options: RehearseOptions): Promise<RehearseResult | Refusal>;
}

/** A command that ends with another code than 0, having said why. */
export class Ended extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`ended with ${code}`);
    this.code = code;
  }
}

/** A refusal on its way to whoever tells it and ends with its code. */
export class Refused extends Error {
  readonly refusal: Refusal;
  readonly json: boolean;
  constructor(refusal: Refusal, json: boolean) {
    super(refusal.detail.en);
    this.refusal = refusal;
    this.json = json;
  }
}

/** Prints an answer, for a machine or for a person. @throws Refused if it is none. */
export function tell<T>(
  world: World,
  json: boolean | undefined,
  answer: T | Refusal,
  person: (answer: T) => string,
): void {
  const good = answered(answer, json);
  world.print(json ? JSON.stringify(good) : person(good));
}

/** The answer. @throws Refused if it is none. */
export function answered<T>(answer: T | Refusal, json = false): T {
  if (isRefusal(answer)) throw new Refused(answer, json);
  return answer;
}

/** Rows under a heading, each column as wide as its widest cell. */
export function table(heading: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = [heading, ...rows].map((row) => row.map((cell) => String(cell ?? '-')));
  const widths = heading.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
