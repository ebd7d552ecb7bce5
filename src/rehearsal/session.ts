import { formatHkt } from '../domain/calendar/calendar.ts';
import type { Operation, RehearsalSession } from '../domain/calendar/rehearsal.ts';
import { CENTRE_WORDS } from '../domain/calendar/timetable-words.ts';
import type { Channel, Instant, ServiceName, Words } from '../domain/nouns/market.ts';
import { isClosed, logOnRefusal, nextOpeningProblem, offers, whyEnded, wrongCentre, wrongPlace } from './expected.ts';
import { leaveOrp, orpClosed, playOrp } from './orp.ts';
import { type Client, channelIn, logOnOf } from './participants.ts';
import { leaveRap, playRap, rapClosed } from './rap.ts';
import { expectRefusal, expectValue, type StepResult } from './results.ts';
import type { Setting } from './setting.ts';
import {
  downloadEarlier,
  enquire,
  findInstructions,
  nameOf,
  readBroadcasts,
  readControlReport,
  upload,
} from './tasks.ts';

const CHANNELS: readonly Channel[] = ['C3T', 'PG'];

/** Plays a session from its first second to its end, with everything that the rehearsal file says about it. */
export async function playSession(setting: Setting, session: RehearsalSession): Promise<void> {
  const { results, time, participants } = setting;
  const { lead } = participants;
  await time.moveTo(session.from);
  results.part(titleOf(session), session.id, session.tasks);

  await results.step('the unchanged line address leads to the right centre', async () =>
    expectValue(await lead.ccass.centre(), (facts) => ({
      says: `${facts.centre} centre`,
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
  await results.step(`CCASS is closed: ${lead.participant} logs on by ${lead.channel}`, async () =>
    expectRefusal(await lead.ccass.logOn(logOnOf(lead, lead.channel)), 'NOT_OPEN', ({ retryAt }) =>
      nextOpeningProblem(setting, at, retryAt, lead),
    ),
  );
  if (lead.on) {
    await results.step(
      `CCASS is closed: ${lead.participant} enquires with the token of ${lead.on.session.id}`,
      async () => expectRefusal(await lead.ccass.profile(), 'NOT_OPEN'),
    );
  }
}

/** The token of the previous session is refused, with the reason. */
async function earlierToken(setting: Setting, session: RehearsalSession): Promise<void> {
  const { lead } = setting.participants;
  if (!lead.on || !hasEnded(setting, lead, session)) return;
  const why = whyEnded(setting, lead.on.session, session, lead.on.answer.idleMinutes);
  await setting.results.step(`${lead.participant} is no longer logged on`, async () => {
    const answer = offers(session, 'enquire') ? await lead.ccass.profile() : await lead.ccass.logOff();
    return expectRefusal(answer, 'SESSION_ENDED', ({ more }) =>
      more?.reason === why ? null : `got reason ${more?.reason}, expected ${why}`,
    );
  });
}

function hasEnded(setting: Setting, client: Client, session: RehearsalSession): boolean {
  return !client.on || whyEnded(setting, client.on.session, session, client.on.answer.idleMinutes) !== null;
}

async function tryLogOn(setting: Setting, session: RehearsalSession, client: Client, channel: Channel): Promise<void> {
  const { results, policy } = setting;
  const expected = logOnRefusal(session, { ...client, channel }, policy);
  const request = { ...logOnOf(client, channel), takeOver: !hasEnded(setting, client, session) };
  await results.step(`${nameOf(client)} logs on by ${channel}`, async () => {
    const answer = await client.ccass.logOn(request);
    if (expected) return expectRefusal(answer, expected);
    return expectValue(answer, (value) => {
      client.on = { session, answer: value };
      client.tookPart = true;
      return {
        says: `certificate ${answer.certificate}, release ${value.release}${value.warnings.map((words) => `, warning: ${words.en}`).join('')}`,
        wrong: [
          ...wrongPlace(session, answer, value),
          !client.registered && value.warnings.length === 0 && 'expected a warning',
        ],
      };
    });
  });
}

/** Does what the session offers, and checks that the rest is refused. */
async function tasks(setting: Setting, session: RehearsalSession): Promise<void> {
  const { lead, attending } = setting.participants;
  const first = setting.batch === null;
  if (offers(session, 'enquire')) {
    for (const client of attending) if (client.on?.session === session) await enquire(setting, client);
  } else await checkNotOpen(setting, 'enquiries', lead.ccass.profile);
  if (offers(session, 'broadcasts')) await readBroadcasts(setting, lead);
  else await checkNotOpen(setting, 'broadcast messages', lead.ccass.broadcasts);

  if (!offers(session, 'upload'))
    await checkNotOpen(setting, 'batch upload', () => lead.ccass.uploadBatch(new Uint8Array()));
  else if (first && canAll(session, ['enquire', 'reports', 'download'])) await upload(setting);
  if (!offers(session, 'reports')) await checkNotOpen(setting, 'reports', () => lead.ccass.reports());
  else if (offers(session, 'download')) await (first ? downloadEarlier(setting) : readControlReport(setting));
  if (!first && offers(session, 'enquire'))
    await findInstructions(setting, setting.rolledBack ? 0 : (setting.batch?.accepted ?? 0));
}

const canAll = (session: RehearsalSession, all: readonly Operation[]) => all.every((one) => offers(session, one));

async function checkNotOpen(
  setting: Setting,
  what: string,
  request: () => Promise<Parameters<typeof expectRefusal>[0]>,
): Promise<void> {
  await setting.results.step(
    `not open in this session: ${what}`,
    async (): Promise<StepResult> => expectRefusal(await request(), 'NOT_OPEN'),
  );
}

/** All log off except the lead, which stays logged on if the session offers enquiries, as unattended clients do. */
async function leave(setting: Setting, session: RehearsalSession): Promise<void> {
  const { participants, results } = setting;
  if (!offers(session, 'logoff')) return;
  for (const client of [...participants.attending, participants.unregistered]) {
    if (client?.on?.session !== session || (client === participants.lead && offers(session, 'enquire'))) continue;
    await results.step(`${client.participant} logs off`, async () =>
      expectValue(await client.ccass.logOff(), () => {
        client.on = null;
        return { says: 'logged off' };
      }),
    );
  }
}
