import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startHarness } from '../../src/harness/harness.ts';
import type { Rows } from '../support/client.ts';
import { answered, noted, onTheLine } from '../support/rehearsal.ts';
import { temporary } from '../support/up.ts';

interface Message {
  readonly number: string;
  readonly kind: string;
  readonly at: string;
  readonly subject: { readonly en: string; readonly zh: string };
}
const KINDS = ['activation', 'extension', 'postponement', 'final-run', 'notice'] as const;
const words = (kind: string) => ({ en: `Of the kind ${kind}`, zh: `類別 ${kind}` });

test('messages of every kind, by the tester or by the rehearsal file, are enquired by all, and the journal knows who read them', async () => {
  await using folder = await temporary('ccass-broadcasts-');
  const path = join(folder.path, 'mine.json');
  const file = JSON.parse(
    await readFile(new URL('../../fixtures/rehearsals/2021-07-24.json', import.meta.url), 'utf8'),
  );
  const notices = KINDS.map((kind, minute) => ({
    ...{ at: `2021-07-24T16:4${minute}`, kind, subject: words(kind), text: words(kind) },
    ...{ status: 'assumed', source: 'A test.' },
  }));
  await writeFile(path, JSON.stringify({ ...file, id: 'mine', notices }));
  await using harness = await startHarness({ rehearsal: path });
  const { control } = harness;
  answered(await control.clock({ set: '2021-07-24T16:50' }));
  for (const kind of KINDS) answered(await control.broadcast({ kind, subject: words(kind), text: words(kind) }));

  const expected = [...KINDS, ...KINDS].reverse();
  for (const participant of ['B09901', 'C09901']) {
    using client = onTheLine(harness);
    await client.logon({ participant });
    const { rows } = (await client.ask('/ccass/v1/broadcasts')).json<Rows<Message>>();
    expect(rows.map(({ kind }) => kind)).toEqual(expected);
    expect(rows.map(({ subject }) => subject)).toEqual(expected.map(words));
    expect(rows.map(({ at }) => at.slice(11, 16)).reverse()).toEqual([
      ...['16:40', '16:41', '16:42', '16:43', '16:44'],
      ...Array(5).fill('16:50'),
    ]);
  }
  const answers = await noted(control, { kinds: ['answer'], service: 'ccass' }, 4);
  const read = answers.filter(({ detail }) => detail.operation === 'broadcasts');
  expect(read.map(({ participant, user, detail }) => [participant, user, detail.rows])).toEqual([
    ['B09901', 'MAKER01', 10],
    ['C09901', 'MAKER01', 10],
  ]);
  expect((await noted(control, { kinds: ['broadcast'] }, 10)).map(({ detail }) => detail.type)).toEqual([
    ...KINDS,
    ...KINDS,
  ]);

  // What was sent is at the other centre, too, and what is sent there goes on counting.
  answered(await control.failover({ to: 'primary', mode: 'cut' }));
  answered(await control.broadcast({ subject: words('notice'), text: words('notice') }));
  using client = onTheLine(harness);
  await client.logon();
  const { rows } = (await client.ask('/ccass/v1/broadcasts')).json<Rows<Message>>();
  expect(rows.map(({ number }) => number)).toEqual(
    Array.from({ length: 11 }, (_, place) => `N${String(11 - place).padStart(6, '0')}`),
  );
});
