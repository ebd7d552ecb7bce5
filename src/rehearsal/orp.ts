import { compactDate, marketDate, previousBusinessDay } from '../domain/calendar/calendar.ts';
import type { RehearsalSession } from '../domain/calendar/rehearsal.ts';
import { platformNames } from '../domain/risk/platform-names.ts';
import { logOnRefusal, nextOpeningProblem, offers, whyEnded, wrongPlace } from './expected.ts';
import type { Client } from './participants.ts';
import { expectRefusal, expectValue, unexpectedRefusal } from './results.ts';
import type { Setting } from './setting.ts';
import { nameOf } from './tasks.ts';

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
    await results.step(`${client.participant} logs off from ORP Online`, async () =>
      expectValue(await client.orp.logOff(), () => {
        client.orpOn = null;
        return { says: 'logged off' };
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
  await results.step(`${name} is closed: ${client.participant} logs on`, async () =>
    expectRefusal(await client.orp.logOn(requestOf(client)), 'NOT_OPEN', ({ retryAt }) =>
      nextOpeningProblem(setting, at, retryAt, client, 'orp'),
    ),
  );
  if (client.orpOn) {
    await results.step(
      `${name} is closed: ${client.participant} enquires with the token of ${client.orpOn.session.id}`,
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
  await setting.results.step(`${client.participant} is no longer logged on to ORP Online`, async () =>
    expectRefusal(await client.orp.margin(), 'SESSION_ENDED', ({ more }) =>
      more?.reason === why ? null : `got reason ${more?.reason}, expected ${why}`,
    ),
  );
}

async function logOn(setting: Setting, session: RehearsalSession, client: Client): Promise<void> {
  const { results, policy, time } = setting;
  const expected = logOnRefusal(session, client, policy, 'orp');
  // The circular: ORP Online if applicable (如適用).
  if (expected === null && client.riskUser === undefined) return;
  await results.step(`${nameOf(client)} logs on to ${nameOn(await time.now())}`, async () => {
    const answer = await client.orp.logOn({ ...requestOf(client), takeOver: client.orpOn !== null });
    if (expected) return expectRefusal(answer, expected);
    return expectValue(answer, (value) => {
      client.orpOn = { session, answer: value };
      client.tookPart = true;
      return {
        says: `certificate ${answer.certificate}, release ${value.release}, role ${value.role}`,
        wrong: wrongPlace(session, answer, value),
      };
    });
  });
}

/** Margin, MTM and positions of the latest run: the end of the previous business day, the same as in RAP. */
async function enquire({ results, time, holidays }: Setting, client: Client): Promise<void> {
  const date = previousBusinessDay(marketDate(await time.now()), holidays);
  await results.step(`${client.participant} enquires the margin of its latest run, MTM and positions`, async () => {
    const margin = await client.orp.margin();
    if (!margin.ok) return unexpectedRefusal(margin);
    const { businessDate, snapshot, account } = margin.value;
    const mtm = await client.orp.mtm({ businessDate, snapshot });
    if (!mtm.ok) return unexpectedRefusal(mtm);
    const records = client.rapRecords.get(`RMAMP01 ${compactDate(businessDate)} ${snapshot}`);
    return expectValue(await client.orp.positions({ businessDate, snapshot }), ({ rows }) => ({
      says: `${account}, run of ${businessDate} ${snapshot}: margin ${margin.value.margin.total}, MTM requirement ${mtm.value.mtm.requirement}, ${rows.length} positions${records === undefined ? '' : ', as many as RMAMP01 has records'}`,
      wrong: [
        businessDate !== date && `expected the run of ${date}`,
        !account.includes(client.participant) && `expected the account of ${client.participant}`,
        records !== undefined && records !== rows.length && `RMAMP01 has ${records} records`,
      ],
    }));
  });
}

function requestOf({ participant, riskUser, user, password }: Client) {
  return { participant, user: riskUser ?? user, password };
}

const nameOn = (at: number) => platformNames(marketDate(at)).online.en;
