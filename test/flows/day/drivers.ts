import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Answer } from '../../../src/client/answer.ts';
import { participant, type ReferenceParticipant } from '../../../src/client/participant.ts';
import type { InstructionStatus } from '../../../src/domain/nouns/instructions.ts';
import type { Harness } from '../../../src/harness/options.ts';
import { PASSWORD } from '../../support/client.ts';
import { conversation, has, JAVA_OPTIONS } from '../../support/foreign.ts';
import { LAYOUT_IDS, layoutJson } from '../../support/shipped-layouts.ts';
import type { Driver } from './scenario.ts';

/** Makes the driver of one harness; `folder` is its own. */
export interface DriverMaker {
  readonly name: string;
  readonly here: boolean;
  on(harness: Harness, folder: string): Promise<Driver & { [Symbol.dispose]?(): void }>;
  end(): void;
}

const SCRIPT = fileURLToPath(new URL('day.sh', import.meta.url));
/** Runs day.sh for each line: `+` and what it says, or `-` and what went wrong. */
const EACH_LINE = `set -f
while read -r line; do
  if said=$(sh "$0" $line 2>&1 </dev/null); then printf '+%s\\n' "$said"; else printf '%s' "-$said" | tr '\\n' ' ' && echo; fi
done`;
const SOURCE = fileURLToPath(new URL('../java/Day.java', import.meta.url));

/** curl, in a shell script. */
export const curl: DriverMaker = {
  name: 'curl in sh',
  here: has('curl', '--version') && has('sh', '-c', 'command -v sha256sum'),
  async on(harness, folder) {
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, harness.ca);
    const shell = conversation('sh', ['-c', EACH_LINE, SCRIPT], {
      ...process.env,
      ...{ LINE: harness.addresses.line, CA: ca, DIR: folder, PASSWORD },
    });
    const driver: Driver = async (...command) => {
      const said = await shell.say(command.join(' '));
      if (!said.startsWith('+')) throw new Error(`${command.join(' ')} failed: ${said}`);
      return said.slice(1).trim();
    };
    return Object.assign(driver, { [Symbol.dispose]: shell[Symbol.dispose] });
  },
  end: () => undefined,
};

/** Java’s HttpClient: one program for all harnesses, since starting it is what takes time. */
export const java: DriverMaker = (() => {
  let program: ReturnType<typeof conversation> | undefined;
  return {
    name: 'Java’s HttpClient',
    here: has('java', '-version'),
    async on(harness, folder) {
      program ??= conversation('java', [...JAVA_OPTIONS, SOURCE, PASSWORD]);
      const { say } = program;
      const ca = join(folder, 'ca.pem');
      await writeFile(ca, harness.ca);
      await say(`at ${harness.addresses.line} ${ca}`);
      return (...command) => say(command.join(' '));
    },
    end: () => program?.[Symbol.dispose](),
  };
})();

/** The reference participant of src/client, one a user. */
export const reference: DriverMaker = {
  name: 'the reference participant',
  here: true,
  async on(harness) {
    const layouts = Object.fromEntries(LAYOUT_IDS.map((id) => [id, layoutJson(id)]));
    const clients = new Map<string, ReferenceParticipant>();
    const clientOf = (who: string): ReferenceParticipant => {
      const client = clients.get(who) ?? participant({ line: harness.addresses.line, ca: harness.ca, layouts });
      clients.set(who, client);
      return client;
    };
    const driver: Driver = async (who, command = '', ...args) => {
      const does = COMMANDS[command];
      if (!does) throw new Error(`no command ${command}`);
      return does(clientOf(who), who, args);
    };
    return Object.assign(driver, {
      [Symbol.dispose]() {
        for (const client of clients.values()) client[Symbol.dispose]();
      },
    });
  },
  end: () => undefined,
};

type Does = (client: ReferenceParticipant, who: string, args: readonly string[]) => Promise<string>;

const value = <T>(answer: Answer<T>): T => {
  if (!answer.ok) throw new Error(`${answer.status} ${answer.code}: ${answer.refusal.detail.en}`);
  return answer.value;
};
const json = async (path = '') => JSON.parse(await readFile(path, 'utf8'));
const figures = ({ done, refused }: { done: number; refused: number }) => `${done} ${refused}`;
const numberOf = async (client: ReferenceParticipant, wanted = '') => {
  const { rows } = value(await client.settlementInstructions(2));
  return rows.find((row) => row.reference === wanted)?.number ?? '';
};

const COMMANDS: Readonly<Record<string, Does>> = {
  async logon(client, who) {
    const [id = '', user = ''] = who.split('/');
    return value(await client.logOn({ participant: id, user, password: PASSWORD, channel: 'PG' })).centre;
  },
  input: async (client, _, [file]) => figures(value(await client.inputInstructions((await json(file)).rows))),
  transfer: async (client, _, [file]) => figures(value(await client.inputTransfers((await json(file)).rows))),
  change: async (client, _, [wanted, file]) =>
    figures(value(await client.changeInstruction(await numberOf(client, wanted), await json(file)))),
  delete: async (client, _, [wanted]) =>
    figures(value(await client.deleteInstructions([await numberOf(client, wanted)]))),
  async authorise(client) {
    const { rows } = value(await client.settlementInstructions(2, { status: 'pending' }));
    return figures(value(await client.authoriseInstructions(rows.map(({ number }) => number))));
  },
  upload: async (client, _, [file = '']) => value(await client.uploadBatch(await readFile(file))).reference,
  async batch(client, _, [wanted = '']) {
    const { status, accepted, refused } = value(await client.batchStatus(wanted));
    return `${status} ${accepted} ${refused}`;
  },
  async count(client, _, [path = '']) {
    const [list = '', query] = path.split('?');
    const filter = Object.fromEntries(new URLSearchParams(query)) as { status?: InstructionStatus; stock?: string };
    const lists: Readonly<Record<string, () => Promise<Answer<{ rows: readonly unknown[] }>>>> = {
      'settlement-instructions': () => client.settlementInstructions(2, filter),
      'stock-movements': () => client.stockMovements(filter, 2),
      'stock-balances': () => client.stockBalances(2, filter),
      'account-transfers': () => client.transfers({}, 2),
      stocks: () => client.stocks(filter, 2),
    };
    const all = lists[list];
    if (!all) throw new Error(`no list ${list}`);
    return String(value(await all()).rows.length);
  },
  async rows(client, _, [list = '']) {
    const lists: Readonly<Record<string, () => Promise<Answer<readonly unknown[]>>>> = {
      'due-positions': client.duePositions,
      'money-ledger': client.moneyLedger,
      batches: client.batches,
      broadcasts: client.broadcasts,
    };
    const all = lists[list];
    if (!all) throw new Error(`no list ${list}`);
    return String(value(await all()).length);
  },
  async reports(client, _, [businessDate = '']) {
    const rows = value(await client.reports({ businessDate }));
    for (const row of rows) {
      const { fault, fileName } = value(await client.download(row.reference));
      if (fault !== null || fileName !== row.fileName) throw new Error(`${row.fileName}: ${fault}`);
    }
    return String(rows.length);
  },
};
