#!/usr/bin/env node
import { once } from 'node:events';
import nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { argv, env, exit, platform, stderr, stdin, stdout } from 'node:process';
import type { CliContext } from './commands/cli-context.ts';
import { CONFIGURATION } from './commands/exit-codes.ts';
import { tooOld } from './commands/node-version.ts';
import type { HarnessOptions } from './harness/options.ts';

// First, and without imports that an older Node cannot parse: those would end in a SyntaxError instead.
const unsuitable = tooOld(process);
if (unsuitable !== undefined) {
  stderr.write(`${unsuitable}\n`);
  exit(CONFIGURATION);
}
// Before loading anything else: reuse the code compiled by earlier starts. The cache is in NODE_COMPILE_CACHE or in the user's
// home: Node's default is shared by all users of the machine, and cached code gets executed. A read-only folder does no harm.
nodeModule.enableCompileCache(join(homedir(), '.cache', 'ccass-harness'));
const { run } = await import('./commands/program.ts');
const { progressReporter } = await import('./commands/progress.ts');
const { processEnvironment } = await import('./commands/config.ts');
const { pastProxies } = await import('./commands/proxies.ts');
const { VERSION } = await import('./package.ts');

// Node reads it at its first request: with NODE_USE_ENV_PROXY=1 those to the admin server would go to a proxy.
Object.assign(env, pastProxies(processEnvironment()));

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

// The harness and the rehearsal are imported only by the commands that need them, so that --help is quick.
const context: CliContext = {
  environment: processEnvironment(),
  invocation: import.meta.filename.endsWith('.ts') ? 'npm run -s harness --' : 'npx ccass-harness',
  version: VERSION,
  platform,
  terminal: stdin.isTTY === true,
  print: (line) => void stdout.write(`${line}\n`),
  printError: (line) => void stderr.write(`${line}\n`),
  printed: async () => {
    for (const stream of [stdout, stderr]) if (stream.writableNeedDrain) await once(stream, 'drain');
  },
  redraw: stderr.isTTY === true ? (text) => void stderr.write(`\r${text}`) : undefined,
  onSignal(handler) {
    for (const signal of SIGNALS) process.on(signal, handler);
    return () => {
      for (const signal of SIGNALS) process.off(signal, handler);
    };
  },
  exit: (code) => exit(code),
  startHarness: async (options) => {
    const onProgress: HarnessOptions['onProgress'] = ({ what, share }) => reportProgress(what, share);
    const { packetSent } = await import('./commands/packet-garbage.ts');
    return (await import('./harness/harness.ts')).startHarness({ ...options, onProgress, packetSent });
  },
  rehearse: async (options) => (await import('./rehearsal/rehearse.ts')).rehearse(options),
};

const reportProgress = progressReporter(context);

// `journal | head` closes standard output early: that is not an error.
stdout.on('error', (error: NodeJS.ErrnoException) => exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await run(argv.slice(2), context);
