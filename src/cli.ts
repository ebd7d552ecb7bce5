#!/usr/bin/env node
import nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { argv, exit, stderr, stdin, stdout } from 'node:process';
import { CONFIGURATION } from './commands/exit-codes.ts';
import { tooOld } from './commands/node-version.ts';
import type { World } from './commands/world.ts';
import type { HarnessOptions } from './harness/options.ts';

// First of all, and with no import that an older Node lacks: it would end in a SyntaxError of ours instead.
const unsuitable = tooOld(process);
if (unsuitable !== undefined) {
  stderr.write(`${unsuitable}\n`);
  exit(CONFIGURATION);
}
// Before anything else is loaded: what was compiled for an earlier start is not compiled again. It stays in NODE_COMPILE_CACHE
// or in a folder of the user's own, for it is run: Node would take one that all users of the machine share. Where it cannot be
// written, nothing is lost.
nodeModule.enableCompileCache(join(homedir(), '.cache', 'ccass-harness'));
const { run } = await import('./commands/program.ts');
const { progressTeller } = await import('./commands/progress.ts');
const { processEnvironment } = await import('./commands/config.ts');
const { VERSION } = await import('./package.ts');

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

// The harness and the rehearsal are imported only by the commands that need them, so that --help is quick.
const world: World = {
  environment: processEnvironment(),
  invocation: import.meta.filename.endsWith('.ts') ? 'npm run -s harness --' : 'npx ccass-harness',
  version: VERSION,
  terminal: stdin.isTTY === true,
  print: (line) => void stdout.write(`${line}\n`),
  complain: (line) => void stderr.write(`${line}\n`),
  redraw: stderr.isTTY === true ? (text) => void stderr.write(`\r${text}`) : undefined,
  onSignal(handler) {
    for (const signal of SIGNALS) process.on(signal, handler);
    return () => {
      for (const signal of SIGNALS) process.off(signal, handler);
    };
  },
  leave: (code) => exit(code),
  startHarness: async (options) => {
    const onProgress: HarnessOptions['onProgress'] = ({ what, share }) => tell(what, share);
    const { packetSent } = await import('./commands/packet-garbage.ts');
    return (await import('./harness/harness.ts')).startHarness({ ...options, onProgress, packetSent });
  },
  rehearse: async (options) => (await import('./rehearsal/rehearse.ts')).rehearse(options),
};

const tell = progressTeller(world);

// `journal | head` closes our output early: that is no mistake.
stdout.on('error', (error: NodeJS.ErrnoException) => exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await run(argv.slice(2), world);
