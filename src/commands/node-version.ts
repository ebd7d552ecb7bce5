/** The oldest Node that can run us, as package.json's `engines` has it. */
export const OLDEST_NODE = 24;

/**
 * What whoever runs us on an older Node is told, in one line; undefined on any other. Imports nothing: cli.ts asks before
 * it loads what an older Node cannot read.
 */
export function tooOld({ version, execPath }: Pick<NodeJS.Process, 'version' | 'execPath'>): string | undefined {
  if (Number.parseInt(version.slice(1), 10) >= OLDEST_NODE) return undefined;
  return `ccass-harness needs Node ${OLDEST_NODE} or newer, and this is Node ${version.slice(1)} (${execPath}). Install a newer one, from https://nodejs.org or by your version manager, and let PATH find it first.`;
}
