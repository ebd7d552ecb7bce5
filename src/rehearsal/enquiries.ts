import { isoHkt } from '../domain/calendar/calendar.ts';
import { belongsTo } from '../domain/calendar/rehearsal.ts';
import type { Client } from './participants.ts';
import { expectValue, unexpectedRefusal } from './results.ts';
import { say } from './said.ts';
import type { Setting } from './setting.ts';

/** The circular's enquiries (查詢) at CCASS: each expects rows, since every participant has accounts, shares and money. */

/** Small, so that enquiries have several pages. */
export const PAGE_SIZE = 5;

export async function enquire(setting: Setting, client: Client): Promise<void> {
  const { results, participants } = setting;
  const { participant, ccass } = client;
  await results.step(
    say('{} enquires its profile and stock balances', '{} 查詢資料及股份結餘', participant),
    async () => {
      const profile = await ccass.profile();
      if (!profile.ok) return unexpectedRefusal(profile);
      const balances = await ccass.stockBalances(PAGE_SIZE);
      if (client === participants.lead && balances.ok && !setting.books) {
        const instructions = await ccass.settlementInstructions();
        if (!instructions.ok) return unexpectedRefusal(instructions);
        setting.books = { balances: balances.value.rows, instructions: instructions.value.rows };
      }
      const { accounts, participant: own } = profile.value;
      return expectValue(balances, ({ rows, pages }) => ({
        says: say(
          '{} accounts, {} balances on {} pages',
          '{} 個戶口，{} 項結餘，共 {} 頁',
          accounts.length,
          rows.length,
          pages,
        ),
        wrong: [
          own.id !== participant && say('the profile is that of {}', '該資料屬於 {}', own.id),
          accounts.length === 0 &&
            say('expected an account: add one to accounts.json', '應有戶口：請加入 accounts.json'),
          rows.length === 0 && say('expected shares: add some to holdings.json', '應有股份：請加入 holdings.json'),
        ],
      }));
    },
  );
  await enquireMoney(setting, client);
  if (belongsTo('clearing', client.type)) await enquirePositions(setting, client);
}

async function enquireMoney({ results }: Setting, { participant, ccass }: Client): Promise<void> {
  await results.step(say('{} enquires its money ledger', '{} 查詢款項記賬', participant), async () =>
    expectValue(await ccass.moneyLedger(), (rows) => ({
      says: say('{} balances', '{} 項結餘', rows.length),
      wrong: [rows.length === 0 && say('expected balances: add some to money.json', '應有結餘：請加入 money.json')],
    })),
  );
}

/** What the trades of the days before left to settle. */
async function enquirePositions({ results }: Setting, { participant, ccass }: Client): Promise<void> {
  await results.step(
    say('{} enquires its due and overdue positions', '{} 查詢到期及逾期股份數額', participant),
    async () =>
      expectValue(await ccass.duePositions(), (rows) => ({
        says: say(
          '{} positions, due {}',
          '{} 項股份數額，到期日 {}',
          rows.length,
          [...new Set(rows.map(({ settlementDate }) => settlementDate))].sort().join(', ') || '-',
        ),
        wrong: [rows.length === 0 && NO_TRADES],
      })),
  );
}

/** What a clearing participant without trades is missing, and the next step. */
export const NO_TRADES = say(
  'expected figures: enter trades of the two business days before (orp/trades.json of the market, or `trades add`)',
  '應有數據：請輸入之前兩個營業日的買賣（市場的 orp/trades.json，或 `trades add`）',
);

/** The broadcasts include every notice that is due by the rehearsal file. */
export async function readBroadcasts(setting: Setting, client: Client): Promise<void> {
  const { results, rehearsal, time } = setting;
  await results.step(say('{} reads the broadcast messages', '{} 閱讀廣播訊息', client.participant), async () => {
    const now = await time.now();
    const due = rehearsal.notices.filter(({ at }) => setting.before.market.at < at && at <= now);
    return expectValue(await client.ccass.broadcasts(), (rows) => {
      const missing = due.filter(
        ({ at, subject }) => !rows.some((row) => row.at === isoHkt(at) && row.subject.zh === subject.zh),
      );
      return {
        says: say(
          'messages: {}{}',
          '訊息 {} 項{}',
          rows.length,
          rows[0] ? say(', the newest "{}"', '，最新為「{}」', rows[0].subject) : '',
        ),
        wrong: missing.map(({ subject }) => say('"{}" is missing', '欠缺「{}」', subject)),
        empty: rows.length === 0 && say('the rehearsal file has no notice by now', '演習檔案至今並無通知'),
      };
    });
  });
}
