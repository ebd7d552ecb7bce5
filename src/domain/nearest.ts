/**
 * The known names nearest to an unknown one, the nearest first, so that a refusal can suggest what was probably meant.
 * Names that differ by more than half their length are left out.
 */
export function nearest(unknown: string, known: readonly string[], atMost = 3): string[] {
  const lower = unknown.toLowerCase();
  return known
    .map((name) => ({ name, distance: distance(lower, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(2, Math.ceil(Math.max(name.length, unknown.length) / 2)))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, atMost)
    .map(({ name }) => name);
}

/** Levenshtein distance of the first 200 characters. */
function distance(from: string, to: string): number {
  const a = from.slice(0, 200);
  const b = to.slice(0, 200);
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
