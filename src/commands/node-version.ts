/** The oldest Node that can run this program, as package.json's `engines` has it. */
export const OLDEST_NODE = 24;

/**
 * The one-line message for an older Node; undefined if Node is new enough. Imports nothing: cli.ts calls it before it
 * loads code that an older Node cannot parse.
 */
export function tooOld({ version, execPath }: Pick<NodeJS.Process, 'version' | 'execPath'>): string | undefined {
  if (Number.parseInt(version.slice(1), 10) >= OLDEST_NODE) return undefined;
  return `ccass-harness needs Node ${OLDEST_NODE} or newer, and this is Node ${version.slice(1)} (${execPath}). Install a newer one, from https://nodejs.org or by your version manager, and let PATH find it first.`;
}
