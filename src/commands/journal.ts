import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ControlRequest } from '../control/control.ts';
import { journalFilter } from '../control/control.ts';
import { formatHkt } from '../domain/calendar/calendar.ts';
import { JOURNAL_KINDS, type JournalEntry } from '../domain/journal/journal-entry.ts';
import { nearest } from '../domain/nearest.ts';
import { type CliContext, printAnswer, unwrap } from './cli-context.ts';
import { connect, type SteerFlags, steeringCommand } from './steering.ts';

interface JournalFlags extends SteerFlags {
  readonly follow?: boolean;
  readonly clear?: boolean;
  readonly kinds?: string;
  readonly participant?: string;
  readonly centre?: 'primary' | 'backup';
  readonly after?: number;
}

export function addJournal(program: Command, context: CliContext): void {
  steeringCommand(program, 'journal', 'what the harness saw, the oldest first', [
    'journal --kinds logon,refusal --participant B09901',
    'journal --follow',
    'journal --json | jq -c \'select(.kind == "download")\'',
    'journal --clear',
  ])
    .option('--follow', 'go on with each entry as it comes, until Ctrl-C')
    .option('--kinds <a,b>', 'only these kinds', known)
    .option('--participant <id>', "one participant's only")
    .addOption(new Option('--centre <centre>', "one centre's only").choices(['primary', 'backup']))
    .option('--after <number>', 'only entries with a higher number', whole)
    .addOption(
      new Option('--clear', 'forget what was seen so far').conflicts([
        'follow',
        'kinds',
        'participant',
        'centre',
        'after',
      ]),
    )
    .action((flags: JournalFlags) => journal(flags, context));
}

/** With --json, one entry a line. */
async function journal(flags: JournalFlags, context: CliContext): Promise<void> {
  const control = connect(flags, context);
  if (flags.clear) {
    printAnswer(context, flags.json, await control.clearJournal({}), ({ cleared }) => `${cleared} entries forgotten`);
    return;
  }
  const { kinds, participant, centre } = flags;
  const asked: ControlRequest<'journal'> = {
    ...(kinds === undefined ? {} : { kinds }),
    ...(participant === undefined ? {} : { participant }),
    ...(centre === undefined ? {} : { centre }),
  };
  const show = (entry: JournalEntry) => context.print(flags.json ? JSON.stringify(entry) : entryText(entry));

  let after = flags.after ?? 0;
  for (;;) {
    const { entries, last } = unwrap(await control.journal({ ...asked, after, limit: 1000 }), flags.json);
    entries.forEach(show);
    after = entries.at(-1)?.seq ?? Math.max(after, last);
    if (entries.length === 0) break;
  }
  if (!flags.follow) return;
  const stop = new AbortController();
  const off = context.onSignal(() => stop.abort());
  try {
    for await (const entry of control.follow({ ...journalFilter(asked), after }, stop.signal)) show(entry);
  } finally {
    off();
  }
}

function entryText({ seq, at, kind, centre, participant, user, detail }: JournalEntry): string {
  const who = [centre, participant && user ? `${participant}/${user}` : participant].filter(Boolean).join(' ');
  const what = Object.entries(detail).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [String(seq).padStart(6), formatHkt(at, 'seconds'), kind.padEnd(13), who, ...what].filter(Boolean).join('  ');
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
