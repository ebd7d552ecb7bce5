import { appendFile, readFile, rename, rm, writeFile } from 'node:fs/promises';

/** From here on the systems draw ports themselves, so that a line for one is of use only while its harness runs. */
const FIRST_DRAWN_PORT = 32_768;
/** Lines for drawn ports that stay, the newest: those of about a hundred harnesses. */
const MOST_DRAWN = 600;

/**
 * Puts lines into a known_hosts file that several harnesses share, as they share the folder of the keys: the others' lines
 * stay. Appending is one write that takes nothing away, so harnesses may start at once; the file is written anew, whole
 * under another name first, only where lines have to go: old keys of the same addresses, and ports drawn long ago.
 */
export async function shareKnownHosts(path: string, lines: string): Promise<void> {
  const there = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const { stay, add, go } = merge(linesOf(there), linesOf(lines));
  if (go === 0) {
    const ended = there === '' || there.endsWith('\n') ? '' : '\n';
    if (add.length > 0) await appendFile(path, `${ended}${add.join('\n')}\n`);
    return;
  }
  const own = `${path}.${process.pid}`;
  try {
    await writeFile(own, `${[...stay, ...add].join('\n')}\n`, { flush: true });
    await rename(own, path);
  } finally {
    await rm(own, { force: true });
  }
}

/** What of the lines there stays, what of ours is to be added, and how many lines go. */
function merge(there: readonly string[], ours: readonly string[]) {
  const addresses = new Set(ours.flatMap(addressesOf));
  const current = there.filter((line) => ours.includes(line) || !addressesOf(line).some((one) => addresses.has(one)));
  const drawn = current.filter((line) => isDrawn(line) && !ours.includes(line));
  const tooMany = new Set(drawn.slice(0, Math.max(0, drawn.length - MOST_DRAWN)));
  const stay = current.filter((line) => !tooMany.has(line));
  return { stay, add: ours.filter((line) => !there.includes(line)), go: there.length - stay.length };
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

/** `[127.0.0.1]:7022,[localhost]:7022 ecdsa-sha2-nistp256 AAAA...`; a line of somebody's own has whatever it has. */
const addressesOf = (line: string) => line.slice(0, Math.max(0, line.indexOf(' '))).split(',');

function isDrawn(line: string): boolean {
  const ports = addressesOf(line).map((address) => Number(/\]:(\d+)$/.exec(address)?.[1] ?? 22));
  return ports.every((port) => port >= FIRST_DRAWN_PORT);
}
