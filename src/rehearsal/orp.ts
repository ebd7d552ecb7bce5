import { compactDate, marketDate, previousBusinessDay } from '../domain/calendar/calendar.ts';
import type { RehearsalSession } from '../domain/calendar/rehearsal.ts';
import { platformNames } from '../domain/risk/platform-names.ts';
import { NO_TRADES } from './enquiries.ts';
import { logOnRefusal, nextOpeningProblem, offers, whyEnded, wrongPlace, wrongReason } from './expected.ts';
import { type Client, nameOf } from './participants.ts';
import { expectRefusal, expectValue, type StepResult, unexpectedRefusal } from './results.ts';
import { listed, say } from './said.ts';
import type { Setting } from './setting.ts';

/** ORP Online in a session that offers it: log-ons, then enquiries of margin and positions by those that may. */
export async function playOrp(setting: Setting, session: RehearsalSession): Promise<void> {
  const { attending, unregistered, riskLead } = setting.participants;
  if (riskLead) await earlierToken(setting, session, riskLead);
  for (const client of [unregistered, ...attending]) if (client) await logOn(setting, session, client);
  if (!offers(session, 'enquire', 'orp')) return;
  for (const client of attending) if (client.orpOn?.session === session) await enquire(setting, client);
}

/** All log off except one, which stays logged on over the switch. */
export async function leaveOrp({ participants, results }: Setting, session: RehearsalSession): Promise<void> {
  if (!offers(session, 'logoff', 'orp')) return;
  for (const client of participants.attending) {
    if (client === participants.riskLead || client.orpOn?.session !== session) continue;
    await results.step(say('{} logs off from ORP Online', '{} 登出 ORP Online', client.participant), async () =>
      expectValue(await client.orp.logOff(), () => {
        client.orpOn = null;
        return { says: say('logged off', '已登出') };
      }),
    );
  }
}

/** Outside the sessions that offer it, a log-on is refused and names the next opening; requests with an old token are refused too. */
export async function orpClosed(setting: Setting): Promise<void> {
  const { results, participants, time } = setting;
  const client = participants.riskLead;
  if (!client) return;
  const at = await time.now();
  const name = nameOn(at);
  await results.step(say('{} is closed: {} logs on', '{} 並未開放：{} 登入', name, client.participant), async () =>
    expectRefusal(await client.orp.logOn(requestOf(client)), 'NOT_OPEN', ({ retryAt }) =>
      nextOpeningProblem(setting, at, retryAt, client, 'orp'),
    ),
  );
  if (client.orpOn) {
    await results.step(
      say(
        '{} is closed: {} enquires with the token of {}',
        '{} 並未開放：{} 以 {} 的令牌查詢',
        ...[name, client.participant, client.orpOn.session.id],
      ),
      async () => expectRefusal(await client.orp.margin(), 'NOT_OPEN'),
    );
  }
}

async function earlierToken(setting: Setting, session: RehearsalSession, client: Client): Promise<void> {
  const { orpOn } = client;
  if (!orpOn) return;
  const why = whyEnded(setting, orpOn.session, session, orpOn.answer.idleMinutes);
  if (why === null) return;
  client.orpOn = null;
  const what = say('{} is no longer logged on to ORP Online', '{} 已不在 ORP Online 登入狀態', client.participant);
  await setting.results.step(what, async () =>
    expectRefusal(await client.orp.margin(), 'SESSION_ENDED', ({ more }) => wrongReason(more?.reason, why)),
  );
}

async function logOn(setting: Setting, session: RehearsalSession, client: Client): Promise<void> {
  const { results, policy, time } = setting;
  const expected = logOnRefusal(session, client, policy, 'orp');
  // The circular: ORP Online if applicable (如適用).
  if (expected === null && client.riskUser === undefined) return;
  const what = say('{} logs on to {}', '{} 登入 {}', nameOf(client), nameOn(await time.now()));
  await results.step(what, async () => {
    const answer = await client.orp.logOn({ ...requestOf(client), takeOver: client.orpOn !== null });
    if (expected) return expectRefusal(answer, expected);
    return expectValue(answer, (value) => {
      client.orpOn = { session, answer: value };
      client.tookPart = true;
      return {
        says: listed([
          say('certificate {}', '證書 {}', answer.certificate),
          say('release {}', '版本 {}', value.release),
          say('role {}', '角色 {}', value.role),
        ]),
        wrong: wrongPlace(session, answer, value),
      };
    });
  });
}

/**
 * Margin, MTM and positions of the latest run: the end of the previous business day, with the figures of RAP. A clearing
 * participant with trades has all three, so none may be nil.
 */
async function enquire(setting: Setting, client: Client): Promise<void> {
  const what = say(
    '{} enquires the margin of its latest run, MTM and positions',
    '{} 查詢最近一次計算的按金、按市價計值及持倉',
    client.participant,
  );
  await setting.results.step(what, () => latestRun(setting, client));
}

async function latestRun({ time, holidays }: Setting, client: Client): Promise<StepResult> {
  const date = previousBusinessDay(marketDate(await time.now()), holidays);
  const margin = await client.orp.margin();
  if (!margin.ok) return unexpectedRefusal(margin);
  const { businessDate, snapshot, account } = margin.value;
  const { rounded, total } = margin.value.margin;
  const mtm = await client.orp.mtm({ businessDate, snapshot });
  if (!mtm.ok) return unexpectedRefusal(mtm);
  const { requirement, favourable } = mtm.value.mtm;
  const inRap = (report: string) => client.rapFigures.get(`${report} ${compactDate(businessDate)} ${snapshot}`);
  const [positions, requirements] = [inRap('RMAMP01'), inRap('RMAMR01')];
  return expectValue(await client.orp.positions({ businessDate, snapshot }), ({ rows }) => ({
    says: listed([
      say('{}, run of {} {}: margin {}', '{}，{} {} 的計算：按金 {}', account, businessDate, snapshot, rounded),
      say('total requirement {}', '總要求 {}', total),
      favourable > 0
        ? say('favourable MTM {}', '有利按市價計值 {}', favourable)
        : say('MTM requirement {}', '按市價計值要求 {}', requirement),
      say('{} positions', '{} 項持倉', rows.length),
      ...(positions && requirements ? [say('as in RAP', '與 RAP 所示相同')] : []),
    ]),
    wrong: [
      businessDate !== date && say('expected the run of {}', '應為 {} 的計算', date),
      !account.includes(client.participant) && say('expected the account of {}', '應為 {} 的戶口', client.participant),
      (rows.length === 0 || rounded === 0 || (favourable === 0 && requirement === 0)) && NO_TRADES,
      positions !== undefined &&
        positions.records !== rows.length &&
        say('RMAMP01 has {} records', 'RMAMP01 有 {} 項記錄', positions.records),
      requirements !== undefined &&
        requirements.total !== String(total) &&
        say('RMAMR01 has the total {}', 'RMAMR01 的總要求為 {}', requirements.total ?? '-'),
    ],
  }));
}

function requestOf({ participant, riskUser, user, password }: Client) {
  return { participant, user: riskUser ?? user, password };
}

const nameOn = (at: number) => platformNames(marketDate(at)).online;
