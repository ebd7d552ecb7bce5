/** `npm run bench [-- NAME ...] [--rounds N]`: README.md beside this says how to read what it prints. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { argv, exit, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { type Benchmark, measure, type Subject } from './benchmark.ts';
import { inCheckout } from './child.ts';
import { table } from './table.ts';
import { verdicts } from './verdict.ts';

const HERE = import.meta.dirname;
const ENDING = '.bench.ts';

const known = readdirSync(HERE)
  .filter((file) => file.endsWith(ENDING))
  .map((file) => file.slice(0, -ENDING.length))
  .sort();
const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    against: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const strange = positionals.filter((name) => !known.includes(name));
if (values.help || strange.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  if (strange.length > 0) stderr.write(`no benchmark ${strange.join(', ')}\n`);
  stderr.write(`npm run bench -- [--rounds N] [--against CHECKOUT] [NAME ...]\nbenchmarks: ${known.join(', ')}\n`);
  exit(values.help ? 0 : 2);
}

const { against } = values;

/** With `--against`, our own server of another checkout is one more peer, measured in turn with this one. */
function compared(benchmark: Benchmark): Benchmark {
  if (against === undefined) return benchmark;
  const { us } = benchmark;
  const before: Subject = { name: `us in ${against}`, start: () => inCheckout(against, () => us.start()) };
  return { ...benchmark, peers: [...benchmark.peers, before] };
}

const results = [];
for (const name of positionals.length > 0 ? positionals : known) {
  const { default: named } = (await import(`./${name}${ENDING}`)) as { default: Benchmark };
  const benchmark = compared(named);
  const measured = await measure(benchmark, rounds, (words) => stderr.write(`${name}: ${words}\n`));
  results.push({ benchmark: name, what: benchmark.what, measured, verdicts: verdicts(benchmark, measured) });
}
stdout.write(
  `${table(results.flatMap(({ benchmark, verdicts: rows }) => rows.map((row) => ({ benchmark, ...row }))))}\n`,
);
if (rounds < 5) stdout.write('fewer than five rounds: these are no figures to tell\n');

const at = new Date().toISOString();
const file = join(HERE, 'results', `${at.replaceAll(':', '').slice(0, 17)}.json`);
mkdirSync(join(HERE, 'results'), { recursive: true });
writeFileSync(
  file,
  `${JSON.stringify({ at, node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, rounds, results }, null, 2)}\n`,
);
stderr.write(`written to ${file}\n`);
