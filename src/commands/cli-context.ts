import { isRefusal, type Refusal } from '../domain/refusal.ts';
import type { Harness, HarnessOptions } from '../harness/options.ts';
import type { RehearseOptions, RehearseResult } from '../rehearsal/rehearse.ts';
import type { Environment } from './config.ts';

/** The commands' access to the process and the harness; cli.ts passes the real one, tests a fake. */
export interface CliContext {
  readonly environment: Environment;
  /** How this program was called, for the commands that it suggests: `npx ccass-harness`. */
  readonly invocation: string;
  readonly version: string;
  /** As Node names it, such as `darwin`. */
  readonly platform: NodeJS.Platform;
  /** Whether standard input is a terminal, which sends Ctrl-C to child processes too. */
  readonly terminal: boolean;
  /** Writes a line to standard output: answers. */
  print(line: string): void;
  /** Writes a line to standard error: progress and errors. */
  printError(line: string): void;
  /** Resolves once standard output and standard error have taken what was printed. */
  printed(): Promise<void>;
  /** Redraws the last line of standard error; undefined if that is not a terminal. */
  readonly redraw?: ((text: string) => void) | undefined;
  /** Calls `handler` at each SIGINT, SIGTERM and SIGHUP, instead of terminating, until the returned function is called. */
  onSignal(handler: (signal: NodeJS.Signals) => void): () => void;
  /** Exits at once. */
  exit(code: number): void;
  startHarness(options: HarnessOptions): Promise<Harness>;
  rehearse(options: RehearseOptions): Promise<RehearseResult | Refusal>;
}

/** Ends a command with an exit code other than 0, after it has printed why. */
export class ExitWith extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit code ${code}`);
    this.code = code;
  }
}

/** Carries a refusal to `run`, which prints it and exits with its code. */
export class Refused extends Error {
  readonly refusal: Refusal;
  readonly json: boolean;
  constructor(refusal: Refusal, json: boolean) {
    super(refusal.detail.en);
    this.refusal = refusal;
    this.json = json;
  }
}

/** Prints an answer, as JSON or as text. @throws Refused if it is a refusal. */
export function printAnswer<T>(
  context: CliContext,
  json: boolean | undefined,
  answer: T | Refusal,
  textOf: (answer: T) => string,
): void {
  const value = unwrap(answer, json);
  context.print(json ? JSON.stringify(value) : textOf(value));
}

/** Returns the answer. @throws Refused if it is a refusal. */
export function unwrap<T>(answer: T | Refusal, json = false): T {
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
