import { appendFile, readFile, rename, rm, writeFile } from 'node:fs/promises';

/** Operating systems choose ephemeral ports from here on; a line for one is of use only while its harness runs. */
const FIRST_EPHEMERAL_PORT = 32_768;
/** Lines for ephemeral ports that are kept, the newest: those of about a hundred harnesses. */
const MAX_EPHEMERAL_LINES = 600;

/**
 * Adds lines to a known_hosts file that several harnesses share, as they share the folder of the keys; the others' lines
 * stay. Appending is one write, so harnesses may start at once. Only to remove lines (old keys of the same addresses, old
 * ephemeral ports) is the file rewritten, by way of a temporary file.
 */
export async function shareKnownHosts(path: string, lines: string): Promise<void> {
  const existing = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const { kept, added, removed } = merge(linesOf(existing), linesOf(lines));
  if (removed === 0) {
    const separator = existing === '' || existing.endsWith('\n') ? '' : '\n';
    if (added.length > 0) await appendFile(path, `${separator}${added.join('\n')}\n`);
    return;
  }
  const temporary = `${path}.${process.pid}`;
  try {
    await writeFile(temporary, `${[...kept, ...added].join('\n')}\n`, { flush: true });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Which existing lines stay, which of ours are added, and how many lines are removed. */
function merge(existing: readonly string[], ours: readonly string[]) {
  const addresses = new Set(ours.flatMap(addressesOf));
  const current = existing.filter(
    (line) => ours.includes(line) || !addressesOf(line).some((one) => addresses.has(one)),
  );
  const ephemeral = current.filter((line) => isEphemeral(line) && !ours.includes(line));
  const tooMany = new Set(ephemeral.slice(0, Math.max(0, ephemeral.length - MAX_EPHEMERAL_LINES)));
  const kept = current.filter((line) => !tooMany.has(line));
  return { kept, added: ours.filter((line) => !existing.includes(line)), removed: existing.length - kept.length };
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

/** `[127.0.0.1]:7022,[localhost]:7022 ecdsa-sha2-nistp256 AAAA...`; a user's line may have any form. */
const addressesOf = (line: string) => line.slice(0, Math.max(0, line.indexOf(' '))).split(',');

function isEphemeral(line: string): boolean {
  const ports = addressesOf(line).map((address) => Number(/\]:(\d+)$/.exec(address)?.[1] ?? 22));
  return ports.every((port) => port >= FIRST_EPHEMERAL_PORT);
}
