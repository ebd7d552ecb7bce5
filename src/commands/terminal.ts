import type { Words } from '../domain/nouns/market.ts';
import { printable } from '../domain/printable.ts';
import type { CliContext } from './cli-context.ts';
import type { Environment } from './config.ts';

/** The language of the terminal: Chinese if LC_ALL, LC_MESSAGES or LANG, the first that is set, begins with `zh`. */
export function terminalLanguage({ LC_ALL, LC_MESSAGES, LANG }: Environment): keyof Words {
  return /^zh/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'zh' : 'en';
}

/** A context whose output shows control characters and bidirectional overrides instead of obeying them. */
export function withPrintableOutput(context: CliContext): CliContext {
  return {
    ...context,
    print: (line) => context.print(printable(line)),
    printError: (line) => context.printError(printable(line)),
  };
}
