import type { Answer } from '../client/answer.ts';
import { formatHkt } from '../domain/calendar/calendar.ts';
import type { Operation, RehearsalSession } from '../domain/calendar/rehearsal.ts';
import { CENTRE_WORDS, OPERATION_WORDS } from '../domain/calendar/timetable-words.ts';
import type { Channel, Instant, ServiceName, Words } from '../domain/nouns/market.ts';
import { findInstructions, readControlReport, upload } from './batch.ts';
import { downloadEarlier } from './downloads.ts';
import { enquire, readBroadcasts } from './enquiries.ts';
import {
  isClosed,
  logOnRefusal,
  nextOpeningProblem,
  offers,
  whyEnded,
  wrongCentre,
  wrongPlace,
  wrongReason,
} from './expected.ts';
import { findTyped, playOperations } from './operations.ts';
import { leaveOrp, orpClosed, playOrp } from './orp.ts';
import { type Client, channelIn, logOnOf, nameOf } from './participants.ts';
import { leaveRap, playRap, rapClosed } from './rap.ts';
import { expectRefusal, expectValue } from './results.ts';
import { listed, say } from './said.ts';
import type { Setting } from './setting.ts';

const CHANNELS: readonly Channel[] = ['C3T', 'PG'];

/** Plays a session from its first second to its end, with everything that the rehearsal file says about it. */
export async function playSession(setting: Setting, session: RehearsalSession): Promise<void> {
  const { results, time, participants } = setting;
  const { lead } = participants;
  await time.moveTo(session.from);
  results.part(titleOf(session), session.id, session.tasks);

  await results.step(
    say('the unchanged line address leads to the right centre', '連接地址（不變）通往正確的數據中心'),
    async () =>
      expectValue(await lead.ccass.centre(), (facts) => ({
        says: CENTRE_WORDS[facts.centre],
        wrong: wrongCentre(session, facts.centre),
      })),
  );
  await earlierToken(setting, session);
  for (const channel of CHANNELS.filter((one) => !session.channels.includes(one))) {
    await tryLogOn(setting, session, lead, channel);
  }
  if (participants.unregistered)
    await tryLogOn(setting, session, participants.unregistered, channelIn(session, participants.unregistered));
  if (participants.absent && session.requires === 'took-part') {
    await tryLogOn(setting, session, participants.absent, channelIn(session, participants.absent));
  }
  for (const client of participants.attending) await tryLogOn(setting, session, client, channelIn(session, client));
  if (lead.on?.session === session) await tasks(setting, session);
  if (session.services.rap) await playRap(setting, session);
  if (session.services.orp) await playOrp(setting, session);
  await checkClosed(setting);
  await leave(setting, session);
  await leaveRap(setting, session);
  await leaveOrp(setting, session);

  await time.moveTo(session.to);
  await checkClosed(setting);
}

export function titleOf({ name, from, to, centre, release }: RehearsalSession): Words {
  const both = `${name.en} / ${name.zh}`;
  return {
    en: `${both}: ${formatHkt(from)} to ${formatHkt(to)}, ${centre} centre, ${release}`,
    zh: `${both}：${formatHkt(from)} 至 ${formatHkt(to)}，${CENTRE_WORDS[centre].zh}，${RELEASE_ZH[release]}`,
  };
}

const RELEASE_ZH = { upgraded: '提升後的版本', 'rolled back': '提升前的版本' } as const;

/** Checks that each of the rehearsal's services that must be closed now refuses. */
export async function checkClosed(setting: Setting): Promise<void> {
  const at = await setting.time.now();
  const isPlayed = (service: ServiceName) => setting.rehearsal.sessions.some((one) => offers(one, 'logon', service));
  const isShut = (service: ServiceName) => isPlayed(service) && isClosed(setting, at, service);
  if (isShut('ccass')) await ccassClosed(setting, at);
  if (isShut('rap')) await rapClosed(setting);
  if (isShut('orp')) await orpClosed(setting);
}

/** Outside the sessions a log-on is refused and names the next opening; requests with an old token are refused too. */
async function ccassClosed({ results, participants, ...setting }: Setting, at: Instant): Promise<void> {
  const { lead } = participants;
  await results.step(
    say('CCASS is closed: {} logs on by {}', 'CCASS 並未開放：{} 經 {} 登入', lead.participant, lead.channel),
    async () =>
      expectRefusal(await lead.ccass.logOn(logOnOf(lead, lead.channel)), 'NOT_OPEN', ({ retryAt }) =>
        nextOpeningProblem(setting, at, retryAt, lead),
      ),
  );
  if (lead.on) {
    await results.step(
      say(
        'CCASS is closed: {} enquires with the token of {}',
        'CCASS 並未開放：{} 以 {} 的令牌查詢',
        ...[lead.participant, lead.on.session.id],
      ),
      async () => expectRefusal(await lead.ccass.profile(), 'NOT_OPEN'),
    );
  }
}

/** The token of the previous session is refused, with the reason. */
async function earlierToken(setting: Setting, session: RehearsalSession): Promise<void> {
  const { lead } = setting.participants;
  if (!lead.on || !hasEnded(setting, lead, session)) return;
  const why = whyEnded(setting, lead.on.session, session, lead.on.answer.idleMinutes);
  await setting.results.step(say('{} is no longer logged on', '{} 已不在登入狀態', lead.participant), async () => {
    const answer = offers(session, 'enquire') ? await lead.ccass.profile() : await lead.ccass.logOff();
    return expectRefusal(answer, 'SESSION_ENDED', ({ more }) => wrongReason(more?.reason, why));
  });
}

function hasEnded(setting: Setting, client: Client, session: RehearsalSession): boolean {
  return !client.on || whyEnded(setting, client.on.session, session, client.on.answer.idleMinutes) !== null;
}

async function tryLogOn(setting: Setting, session: RehearsalSession, client: Client, channel: Channel): Promise<void> {
  const { results, policy } = setting;
  const expected = logOnRefusal(session, { ...client, channel }, policy);
  const request = { ...logOnOf(client, channel), takeOver: !hasEnded(setting, client, session) };
  await results.step(say('{} logs on by {}', '{} 經 {} 登入', nameOf(client), channel), async () => {
    const answer = await client.ccass.logOn(request);
    if (expected) return expectRefusal(answer, expected);
    return expectValue(answer, (value) => {
      client.on = { session, answer: value };
      client.tookPart = true;
      return {
        says: listed([
          say('certificate {}', '證書 {}', answer.certificate),
          say('release {}', '版本 {}', value.release),
          ...value.warnings.map((words) => say('warning: {}', '警告：{}', words)),
        ]),
        wrong: [
          ...wrongPlace(session, answer, value),
          !client.registered && value.warnings.length === 0 && say('expected a warning', '應有警告'),
        ],
      };
    });
  });
}

/** Does what the session offers, and checks that the rest is refused. */
async function tasks(setting: Setting, session: RehearsalSession): Promise<void> {
  const { lead, attending } = setting.participants;
  const { ccass } = lead;
  const first = setting.batch === null;
  if (offers(session, 'enquire')) {
    for (const client of attending) if (client.on?.session === session) await enquire(setting, client);
  } else await checkNotOpen(setting, 'enquire', ccass.profile);
  if (!offers(session, 'input')) await checkNotOpen(setting, 'input', () => ccass.inputInstructions([]));
  else if (offers(session, 'enquire')) await (setting.typed ? findTyped(setting) : playOperations(setting, session));
  if (offers(session, 'broadcasts')) await readBroadcasts(setting, lead);
  else await checkNotOpen(setting, 'broadcasts', ccass.broadcasts);

  if (!offers(session, 'upload')) await checkNotOpen(setting, 'upload', () => ccass.uploadBatch(new Uint8Array()));
  else if (first && canAll(session, ['enquire', 'reports', 'download'])) await upload(setting);
  if (!offers(session, 'reports')) await checkNotOpen(setting, 'reports', () => ccass.reports());
  else if (offers(session, 'download')) await (first ? downloadEarlier(setting) : readControlReport(setting));
  if (!first && offers(session, 'enquire')) await findInstructions(setting);
}

const canAll = (session: RehearsalSession, all: readonly Operation[]) => all.every((one) => offers(session, one));

async function checkNotOpen(
  { results }: Setting,
  operation: Operation,
  request: () => Promise<Answer<unknown>>,
): Promise<void> {
  await results.step(say('not open in this session: {}', '此時段並未開放：{}', OPERATION_WORDS[operation]), async () =>
    expectRefusal(await request(), 'NOT_OPEN'),
  );
}

/** All log off except the lead, which stays logged on if the session offers enquiries, as unattended clients do. */
async function leave(setting: Setting, session: RehearsalSession): Promise<void> {
  const { participants, results } = setting;
  if (!offers(session, 'logoff')) return;
  for (const client of [...participants.attending, participants.unregistered]) {
    if (client?.on?.session !== session || (client === participants.lead && offers(session, 'enquire'))) continue;
    await results.step(say('{} logs off', '{} 登出', client.participant), async () =>
      expectValue(await client.ccass.logOff(), () => {
        client.on = null;
        return { says: say('logged off', '已登出') };
      }),
    );
  }
}
