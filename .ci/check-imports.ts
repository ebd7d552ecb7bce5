/**
 * Holds src/ against the import table (.dependency-cruiser.cjs), and fails when fewer files were looked at than there
 * are: a cruiser that cannot read the sources finds no violation in them either.
 *
 * `node .ci/check-imports.ts [FOLDER]`; the folder is for the negative control of test/architecture/.
 */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cruise, type IReporterOutput } from 'dependency-cruiser';

const folder = process.argv[2] ?? 'src';
const rules = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
const { options, ...ruleSet } = rules;
const expected = readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.ts')).length;

const { output }: IReporterOutput = await cruise(
  [folder],
  { ...options, ruleSet, validate: true },
  options.enhancedResolveOptions,
);
if (typeof output === 'string') throw new Error('the cruiser answered with text');
const own = output.modules.filter(({ source }) => source.startsWith(`${folder}/`) && source.endsWith('.ts')).length;

for (const { rule, from, to } of output.summary.violations)
  console.error(`${rule.name}: ${from} -> ${to}\n  ${ruleOf(rule.name)}`);
if (own < expected) console.error(`only ${own} of the ${expected} files in ${folder}/ were looked at`);
const failed = output.summary.violations.length > 0 || own < expected;
if (!failed) console.log(`imports: ${own} files keep to the table`);
process.exitCode = failed ? 1 : 0;

function ruleOf(name: string): string {
  return ruleSet.forbidden.find((rule: { name: string }) => rule.name === name)?.comment ?? '';
}
