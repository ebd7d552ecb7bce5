import type { Change, SwitchReport } from '../../src/domain/change.ts';
import type { JournalDetails, JournalKind, JournalWho } from '../../src/domain/journal/journal.ts';
import type { CentreName } from '../../src/domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusal.ts';
import { reconcile } from '../../src/failover/recovery.ts';
import { createSwitchover, type Switchover, type SwitchParty } from '../../src/failover/switchover.ts';
import { MemoryBlobs } from '../../src/store/blobs/memory-blobs.ts';
import type { ChangeLog } from '../../src/store/log/log.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { createClock, type TestClock } from '../../src/testbed/clock/clock.ts';
import { type TrialLog, trialLog } from './trial-log.ts';

export const START = 1_000_000;

/** Two centres without protocols, joined as in the composition root, with each hook call recorded in `steps`. */
interface Note extends JournalWho {
  readonly kind: JournalKind;
  readonly detail: JournalDetails[JournalKind];
}

export interface Pair {
  readonly clock: TestClock;
  readonly stores: { readonly [name in CentreName]: Store };
  readonly switchover: Switchover;
  readonly notes: Note[];
  /** What was called, in order, such as `primary stopAdmitting`. */
  readonly steps: string[];
  active(): Store;
  standby(): Store;
  close(): Promise<void>;
}

export interface PairOptions {
  readonly lagMs?: number;
  readonly logs?: { readonly [name in CentreName]: ChangeLog };
  /** Called at each hook, before it is recorded. */
  readonly onStep?: (step: string) => void | Promise<void>;
  readonly at?: number;
}

export async function openPair(options: PairOptions = {}): Promise<Pair> {
  const { lagMs = 0, logs = { primary: trialLog(), backup: trialLog() }, onStep = () => {}, at = START } = options;
  const clock = createClock({ at, mode: 'frozen' });
  const open = (name: CentreName) => openStore({ log: logs[name], blobs: new MemoryBlobs(), clock });
  const stores = { primary: await open('primary'), backup: await open('backup') };
  const { active } = await reconcile(stores);
  const notes: Note[] = [];
  const steps: string[] = [];
  const step = async (name: string) => {
    await onStep(name);
    steps.push(name);
  };
  const party = (name: CentreName): SwitchParty => ({
    store: stores[name],
    stopAdmitting: () => void steps.push(`${name} stopAdmitting`),
    finishRequests: () => step(`${name} finishRequests`),
    pauseBatches: () => step(`${name} pauseBatches`),
    dropConnections: (mode) => void steps.push(`${name} dropConnections ${mode}`),
    endSessions: () => void steps.push(`${name} endSessions`),
    resume: () => step(`${name} resume`),
  });
  const switchover = await createSwitchover({
    parties: { primary: party('primary'), backup: party('backup') },
    active,
    line: { switchTo: (name) => void steps.push(`line ${name}`) },
    clock,
    journal: { note: (kind, who, detail) => notes.push({ kind, ...who, detail }) },
    lagMs,
  });
  return {
    clock,
    stores,
    switchover,
    notes,
    steps,
    active: () => stores[switchover.active()],
    standby: () => stores[switchover.active() === 'primary' ? 'backup' : 'primary'],
    async close() {
      await switchover.stop();
      clock.stop();
    },
  };
}

export function trialLogs(): { primary: TrialLog; backup: TrialLog } {
  return { primary: trialLog(), backup: trialLog() };
}

export function commitAll(store: Store, ...changes: Change[]): Promise<'done' | Refusal> {
  return store.transact(() => ({ changes, answer: 'done' as const }));
}

export async function switched(answer: Promise<SwitchReport | Refusal>): Promise<SwitchReport> {
  const report = await answer;
  if (isRefusal(report)) throw new Error(report.detail.en);
  return report;
}
