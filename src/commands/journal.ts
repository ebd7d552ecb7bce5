import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ControlRequest } from '../control/control.ts';
import { journalFilter } from '../control/control.ts';
import { VIAS } from '../domain/access/arrival.ts';
import { formatHkt } from '../domain/calendar/calendar.ts';
import { JOURNAL_CODES, JOURNAL_KINDS, JOURNAL_PROTOCOLS, type JournalEntry } from '../domain/journal/journal.ts';
import { journalSentence } from '../domain/journal/sentences.ts';
import { nearest } from '../domain/nearest.ts';
import { CENTRE_NAMES, SERVICE_NAMES, type Words } from '../domain/nouns/market.ts';
import { printableLine } from '../domain/printable.ts';
import { type CliContext, printAnswer, unwrap } from './cli-context.ts';
import { connect, type SteerFlags, steeringCommand } from './steering.ts';
import { terminalLanguage } from './terminal.ts';

interface JournalFlags extends SteerFlags, Filters {
  readonly follow?: boolean;
  readonly clear?: boolean;
  readonly kinds?: string;
  readonly after?: number;
}

/** The filters that are passed on as they are. */
type Filters = Omit<ControlRequest<'journal'>, 'kinds' | 'after' | 'limit'>;
const FILTERS = [
  ['centre', "one centre's only", CENTRE_NAMES],
  ['service', "one service's only", SERVICE_NAMES],
  ['protocol', 'one protocol only', JOURNAL_PROTOCOLS],
  ['via', 'only what came over the line, or directly', VIAS],
  ['connection', "one connection's only, such as p-https-3", 'id'],
  ['request', "one request's only, such as p-https-3.7", 'id'],
  ['session', "one session's only, such as b-12", 'id'],
  ['participant', "one participant's only", 'id'],
  ['user', "one user's only", 'id'],
  ['code', 'only with this code, of a refusal, a failed handshake or a closed connection', JOURNAL_CODES],
] as const satisfies readonly (readonly [keyof Filters, string, 'id' | readonly string[]])[];

export function addJournal(program: Command, context: CliContext): void {
  const command = steeringCommand(program, 'journal', 'what the harness saw, the oldest first', [
    'journal --kinds logon,refusal --participant B09901',
    'journal --follow',
    'journal --json | jq -c \'select(.kind == "download")\'',
    'journal --connection p-https-3',
    'journal --kinds secured,tls-refused --ja4',
    'journal --clear',
  ]);
  command
    .option('--follow', 'go on with each entry as it comes, until Ctrl-C')
    .option('--kinds <a,b>', 'only these kinds', known)
    .option('--hidden', 'include what was hidden by --clear')
    .option('--ja4', 'compute the JA4 fingerprint of each ClientHello; not with --follow')
    .option('--after <number>', 'only entries with a higher number', whole)
    .addOption(
      new Option('--clear', 'hide what was seen so far; numbers go on').conflicts([
        ...['follow', 'kinds', 'hidden', 'ja4', 'after'],
        ...FILTERS.map(([name]) => name),
      ]),
    )
    .action((flags: JournalFlags) => journal(flags, context));
  for (const [name, help, values] of FILTERS) {
    const option = new Option(`--${name} <${values === 'id' ? 'id' : name}>`, help);
    command.addOption(values === 'id' ? option : option.argParser(oneOf(values)));
  }
}

/** With --json, one entry a line. */
async function journal(flags: JournalFlags, context: CliContext): Promise<void> {
  const control = connect(flags, context);
  if (flags.clear) {
    printAnswer(
      context,
      flags.json,
      await control.clearJournal({}),
      ({ cleared, hiddenUpTo }) => `${cleared} entries hidden, up to #${hiddenUpTo}`,
    );
    return;
  }
  const { kinds, hidden, ja4 } = flags;
  const request: ControlRequest<'journal'> = {
    ...(kinds === undefined ? {} : { kinds }),
    ...(hidden === undefined ? {} : { hidden }),
    ...(ja4 === undefined ? {} : { ja4 }),
    ...filtersIn(flags),
  };
  const language = terminalLanguage(context.environment);
  const show = (entry: JournalEntry) => context.print(flags.json ? JSON.stringify(entry) : entryLine(entry, language));

  let after = flags.after ?? 0;
  for (;;) {
    const { entries, last } = unwrap(await control.journal({ ...request, after, limit: 1000 }), flags.json);
    entries.forEach(show);
    after = entries.at(-1)?.seq ?? Math.max(after, last);
    if (entries.length === 0) break;
  }
  if (!flags.follow) return;
  const stop = new AbortController();
  const off = context.onSignal(() => stop.abort());
  try {
    for await (const entry of control.follow({ ...journalFilter(request), after }, stop.signal)) show(entry);
  } finally {
    off();
  }
}

/** One line, whatever a client chose to call itself. */
function entryLine(entry: JournalEntry, language: keyof Words): string {
  const { seq, at, kind, centre, participant, user, request, connection } = entry;
  const who = [centre, participant && user ? `${participant}/${user}` : participant].filter(Boolean).join(' ');
  const where = request ?? connection;
  const columns = [String(seq).padStart(6), formatHkt(at, 'seconds'), kind.padEnd(13), who, where];
  return printableLine([...columns, journalSentence(entry)[language]].filter(Boolean).join('  '));
}

function filtersIn(flags: JournalFlags): Filters {
  return Object.fromEntries(FILTERS.map(([name]) => [name, flags[name]]).filter(([, value]) => value !== undefined));
}

/** Refused here with the nearest, as kinds are. */
function oneOf(values: readonly string[]) {
  return (text: string): string => {
    if (values.includes(text)) return text;
    const near = nearest(text, values).join(', ');
    throw new InvalidArgumentError(`"${text}" is not one of them.${near && ` Nearest: ${near}.`}`);
  };
}

/** Refused here, since a kind that there is not would be waited for without a word. */
function known(text: string): string {
  const kinds: readonly string[] = JOURNAL_KINDS;
  const unknown = text.split(',').find((kind) => !kinds.includes(kind.trim()));
  if (unknown === undefined) return text;
  const near = nearest(unknown.trim(), kinds).join(', ');
  throw new InvalidArgumentError(
    `There is no kind "${unknown.trim()}".${near && ` Nearest: ${near}.`} All: ${kinds.join(', ')}`,
  );
}

function whole(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Write the number of an entry.');
  return Number(text);
}
