import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Change, put } from '../../src/domain/change.ts';
import type { DuePosition } from '../../src/domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusal.ts';
import type { Page, PageQuery } from '../../src/service/ccass/enquiries.ts';
import { batches, broadcasts } from '../../src/service/ccass/enquiries.ts';
import { duePositions } from '../../src/service/ccass/market-enquiries.ts';
import { type World, world } from '../support/days/world.ts';
import { batch } from '../support/rows.ts';

const WORDS = { en: 'Message', zh: '訊息' };

let at: World;
beforeAll(async () => {
  at = await world();
  await add([
    ...Array.from({ length: 30 }, (_, n) => put('duePosition', position(n))),
    ...Array.from({ length: 30 }, (_, n) => put('duePosition', { ...position(n), participant: 'B09902' })),
  ]);
  for (let n = 0; n < 12; n++) await send();
  for (let n = 0; n < 12; n++) await upload();
});
afterAll(() => at[Symbol.asyncDispose]());

const add = (changes: readonly Change[]) => at.centre.store.transact(() => ({ changes, answer: true }));
const send = () => at.centre.service.sendBroadcast({ kind: 'notice', subject: WORDS, text: WORDS });
/** One that is done, so that the worker leaves it alone, and another participant's behind it. */
const upload = () => {
  const next = at.centre.store.books.size('batch') + 1;
  const reference = (n: number) => `U${String(n).padStart(11, '0')}`;
  return add([
    put('batch', batch(reference(next), { status: 'discarded' })),
    put('batch', batch(reference(next + 1), { status: 'discarded', participant: 'B09902' })),
  ]);
};

function position(n: number): DuePosition {
  const place = { participant: 'B09901', stock: n % 2 === 0 ? '00005' : '00700', market: 'HKMK' } as const;
  const settlementDate = `2021-03-${String(1 + Math.floor(n / 4)).padStart(2, '0')}`;
  const kind = n % 4 < 2 ? 'CNS' : 'isolated';
  return { ...place, settlementDate, kind, quantity: n, currency: 'HKD', amountCents: n };
}

type List<T> = (query: PageQuery) => Page<T> | Refusal;

/** The pages of a list put together; `between` is awaited after each. */
async function joined<T>(list: List<T>, limit: number, between: () => Promise<unknown> = async () => {}): Promise<T[]> {
  const rows: T[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = list({ limit, ...(cursor === undefined ? {} : { cursor }) });
    if (isRefusal(page)) throw new Error(page.detail.en);
    rows.push(...page.rows);
    if (page.next === null) return rows;
    // A page that is not the last is full.
    expect(page.rows).toHaveLength(limit);
    cursor = page.next;
    await between();
  }
}

const lists: Readonly<Record<string, { readonly list: List<unknown>; readonly whole: () => unknown[] }>> = {
  'due positions': {
    list: (query) => duePositions(at.centre.service.context, at.session('B09901'), query),
    whole: () => at.centre.store.books.duePositionsOf('B09901'),
  },
  'due positions of a stock and kind': {
    list: (query) =>
      duePositions(at.centre.service.context, at.session('B09901'), { stock: '5', kind: 'CNS', ...query }),
    whole: () =>
      at.centre.store.books.duePositionsOf('B09901').filter((row) => row.stock === '00005' && row.kind === 'CNS'),
  },
  broadcasts: {
    list: (query) => broadcasts(at.centre.service.context, query),
    whole: () => [...at.centre.store.books.all('broadcast')].sort((a, b) => (a.number > b.number ? -1 : 1)),
  },
  batches: {
    list: (query) => batches(at.centre.service.context, at.session('B09901'), query),
    whole: () =>
      [...at.centre.store.books.all('batch')]
        .filter(({ participant }) => participant === 'B09901')
        .sort((a, b) => (a.reference > b.reference ? -1 : 1)),
  },
};

test.each(Object.keys(lists))('%s: the pages joined are the whole list, whatever their size', async (name) => {
  const { list, whole } = lists[name] ?? {};
  if (!list || !whole) throw new Error(name);
  expect(whole().length).toBeGreaterThan(5);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 50 }), async (limit) => {
      expect(await joined(list, limit)).toEqual(whole());
    }),
  );
});

test.each([
  ['broadcasts', send],
  ['batches', upload],
] as const)(
  '%s: what comes while one turns the pages is on none of them, and each that was there comes once',
  async (name, more) => {
    const { list, whole } = lists[name] ?? {};
    if (!list || !whole) throw new Error(name);
    for (const limit of [1, 4]) {
      const before = whole();
      expect(await joined(list, limit, more)).toEqual(before);
      expect(whole().length).toBeGreaterThan(before.length);
    }
  },
);

test('a cursor of another list is refused (BAD_CURSOR)', () => {
  const cursorOf = (name: string) => {
    const page = lists[name]?.list({ limit: 1 });
    return !page || isRefusal(page) ? null : page.next;
  };
  for (const [name, { list }] of Object.entries(lists)) {
    const other = cursorOf(name === 'batches' ? 'broadcasts' : 'batches');
    expect(list({ limit: 1, cursor: other ?? '' })).toMatchObject({ refusal: 'BAD_CURSOR' });
  }
});
