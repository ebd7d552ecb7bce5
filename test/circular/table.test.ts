import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const table = readFileSync(new URL('../../docs/circular.md', import.meta.url), 'utf8');
const rows = table.split('\n').flatMap((line) => {
  const cells = line.split('|').map((cell) => cell.trim());
  return /^\d+$/.test(cells[1] ?? '') ? [{ number: Number(cells[1]), does: cells[3] ?? '', test: cells[4] ?? '' }] : [];
});
const named = rows.flatMap(({ test }) => [...test.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''));
const files = readdirSync(new URL('.', import.meta.url)).filter((name) => /^\d\d-.*\.test\.ts$/.test(name));

test('docs/circular.md names every file here, and none that is missing', () => {
  expect([...new Set(named)].sort()).toEqual(files.sort());
});

test('its rows are numbered without a gap, and each says how it is held', () => {
  expect(rows.map(({ number }) => number)).toEqual(rows.map((_, i) => i + 1));
  expect(rows.length).toBeGreaterThan(30);
  for (const { number, does, test } of rows) {
    const held = /^`\d\d-[a-z0-9-]+\.test\.ts`$/.test(test) || (test === '-' && does.startsWith('Not behaviour'));
    expect([number, test, held]).toEqual([number, test, true]);
  }
});
