import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadFixtures } from '../../src/loading/loading.ts';
import { documentText, namesIn, REPOSITORY, rowsOf } from '../support/doc-tables.ts';

const { riskSchedule, riskCatalogue } = await loadFixtures();
const documented = rowsOf(documentText('docs/orp-reports.md'), 'The table').slice(1);

/** Whose times the specification of 2021 and the guide of 2025 tell; that the others share them is ours. */
const OF_2021 = /^(RMAMR|RPF)/;
const OF_2025 = /^(RMAMP|RPF)/;

function timesOf(id: string, run: string) {
  const found = riskSchedule.reportTimes.find((one) => one.id === id)?.times.find((time) => time.run === run);
  if (!found) throw new Error(`no time of ${run} in ${id}`);
  return found;
}

describe('docs/orp-reports.md', () => {
  it('has every report at every snapshot, when it was published in 2021 and in 2025, and no other', () => {
    const rows = riskCatalogue.flatMap(({ id, folder }) => {
      const daily = riskSchedule.files.find(({ report }) => report === id);
      if (daily) {
        const { at, published, on = 'business days', status } = daily;
        return [[`\`${id}\``, at, published, published, on, folder, status, status]];
      }
      return riskSchedule.margin.map(({ at, on = 'business days' }) => {
        const [first, second] = [timesOf('2021', at), timesOf('2025', at)];
        const grades = [OF_2021.test(id) ? first.status : 'assumed', OF_2025.test(id) ? second.status : 'assumed'];
        return [`\`${id}\``, at, first.published, second.published, String(on), folder, ...grades];
      });
    });
    expect(rows.length).toBeGreaterThan(12);
    expect(documented.toSorted()).toEqual(rows.toSorted());
  });

  it.each(readdirSync(join(REPOSITORY, 'fixtures', 'orp')).filter((name) => name.endsWith('.json')))(
    'is joined by a row of docs/fidelity.md for %s',
    (file) => {
      const rows = rowsOf(documentText('docs/fidelity.md')).filter(([first = '']) =>
        namesIn(first).some((name) => name === file || name === `fixtures/orp/${file}`),
      );
      expect(rows.length, `docs/fidelity.md lacks ${file}`).toBeGreaterThan(0);
    },
  );
});
