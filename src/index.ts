/** The public API: a harness in your own process, and remote control of one that runs elsewhere. */
export { type RemoteControlOptions, remoteControl } from './client/remote-control.ts';
export type { Control, ControlAnswer, ControlOperation, ControlRequest } from './control/control.ts';
export type { JournalEntry, JournalFilter, JournalKind } from './domain/journal/journal.ts';
export { isRefusal, type Refusal, type RefusalCode } from './domain/refusal.ts';
export { startHarness } from './harness/harness.ts';
export type { Harness, HarnessOptions } from './harness/options.ts';
