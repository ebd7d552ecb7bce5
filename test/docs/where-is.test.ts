import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documentText, REPOSITORY } from '../support/doc-tables.ts';
import { titlesOf } from '../support/test-titles.ts';

/** `| rule | \`src/file\` | \`test/file\`: "title" |` under "Where is ...?". */
const rules = [
  ...documentText('docs/architecture.md').matchAll(/^\| (.+?) +\| `(src\/[^`]+)` +\| `(test\/[^`]+)`: "(.+)" +\|$/gm),
].map(([, rule = '', source = '', file = '', title = '']) => ({ rule, source, file, title }));

describe('docs/architecture.md, Where is ...?', () => {
  it('has at least twenty rules, each once', () => {
    expect(rules.length).toBeGreaterThanOrEqual(20);
    expect(new Set(rules.map(({ rule }) => rule)).size).toBe(rules.length);
  });

  it.each(rules)('$rule', ({ source, file, title }) => {
    expect(existsSync(join(REPOSITORY, source)), source).toBe(true);
    const titles = titlesOf(documentText(file)).titles.map(({ title: one }) => one);
    expect(titles).toContain(title);
  });
});
