import { formatHkt } from '../domain/calendar/calendar.ts';
import type { Operation, RehearsalSession } from '../domain/calendar/rehearsal.ts';
import type { Channel, Instant, ServiceName } from '../domain/nouns/market.ts';
import { channelIn, logOnOf, type Player } from './cast.ts';
import { isClosed, logOnRefusal, nextOpeningFault, offers, whyEnded, wrongCentre, wrongPlace } from './expected.ts';
import { leaveOrp, orpClosed, playOrp } from './orp.ts';
import { leaveRap, playRap, rapClosed } from './rap.ts';
import { type Found, good, refusedWith } from './score.ts';
import type { Stage } from './stage.ts';
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

/** A session from its first second to its end, with everything that the rehearsal file says of it. */
export async function playSession(stage: Stage, session: RehearsalSession): Promise<void> {
  const { score, time, cast } = stage;
  const { lead } = cast;
  await time.moveTo(session.from);
  score.part(titleOf(session), session.id);

  await score.step('the unchanged line address leads to the right centre', async () =>
    good(await lead.client.centre(), (facts) => ({
      says: `${facts.centre} centre`,
      wrong: wrongCentre(session, facts.centre),
    })),
  );
  await earlierToken(stage, session);
  for (const channel of CHANNELS.filter((one) => !session.channels.includes(one))) {
    await tryLogOn(stage, session, lead, channel);
  }
  if (cast.unregistered) await tryLogOn(stage, session, cast.unregistered, channelIn(session, cast.unregistered));
  if (cast.absent && session.requires === 'took-part') {
    await tryLogOn(stage, session, cast.absent, channelIn(session, cast.absent));
  }
  for (const player of cast.taking) await tryLogOn(stage, session, player, channelIn(session, player));
  if (lead.on?.session === session) await tasks(stage, session);
  if (session.services.rap) await playRap(stage, session);
  if (session.services.orp) await playOrp(stage, session);
  await closed(stage);
  await leave(stage, session);
  await leaveRap(stage, session);
  await leaveOrp(stage, session);

  await time.moveTo(session.to);
  await closed(stage);
}

export function titleOf({ name, from, to, centre, release }: RehearsalSession): string {
  return `${name.en} / ${name.zh}: ${formatHkt(from)} to ${formatHkt(to)}, ${centre} centre, ${release}`;
}

/** What is closed now says so, whichever of the services of the rehearsal it is. */
export async function closed(stage: Stage): Promise<void> {
  const at = await stage.time.now();
  const isPlayed = (service: ServiceName) => stage.rehearsal.sessions.some((one) => offers(one, 'logon', service));
  const isShut = (service: ServiceName) => isPlayed(service) && isClosed(stage, at, service);
  if (isShut('ccass')) await ccassClosed(stage, at);
  if (isShut('rap')) await rapClosed(stage);
  if (isShut('orp')) await orpClosed(stage);
}

/** Outside the sessions a log-on is refused and names the next opening; so is whatever a token is still good for. */
async function ccassClosed({ score, cast, ...stage }: Stage, at: Instant): Promise<void> {
  const { lead } = cast;
  await score.step(`CCASS is closed: ${lead.participant} logs on by ${lead.channel}`, async () =>
    refusedWith(await lead.client.logOn(logOnOf(lead, lead.channel)), 'NOT_OPEN', ({ retryAt }) =>
      nextOpeningFault(stage, at, retryAt),
    ),
  );
  if (lead.on) {
    await score.step(
      `CCASS is closed: ${lead.participant} enquires with the token of ${lead.on.session.id}`,
      async () => refusedWith(await lead.client.profile(), 'NOT_OPEN'),
    );
  }
}

/** The token of the session before is refused, and says why. */
async function earlierToken(stage: Stage, session: RehearsalSession): Promise<void> {
  const { lead } = stage.cast;
  if (!lead.on || !isLate(stage, lead, session)) return;
  const why = whyEnded(stage, lead.on.session, session, lead.on.answer.idleMinutes);
  await stage.score.step(`${lead.participant} is not logged on any more`, async () => {
    const answer = offers(session, 'enquire') ? await lead.client.profile() : await lead.client.logOff();
    return refusedWith(answer, 'SESSION_ENDED', ({ more }) =>
      more?.reason === why ? null : `the reason should be ${why}, not ${more?.reason}`,
    );
  });
}

function isLate(stage: Stage, player: Player, session: RehearsalSession): boolean {
  return !player.on || whyEnded(stage, player.on.session, session, player.on.answer.idleMinutes) !== null;
}

async function tryLogOn(stage: Stage, session: RehearsalSession, player: Player, channel: Channel): Promise<void> {
  const { score, policy } = stage;
  const expected = logOnRefusal(session, { ...player, channel }, policy);
  const request = { ...logOnOf(player, channel), takeOver: !isLate(stage, player, session) };
  await score.step(`${nameOf(player)} logs on by ${channel}`, async () => {
    const answer = await player.client.logOn(request);
    if (expected) return refusedWith(answer, expected);
    return good(answer, (value) => {
      player.on = { session, answer: value };
      player.tookPart = true;
      return {
        says: `certificate ${answer.certificate}, release ${value.release}${value.warnings.map((words) => `, warning: ${words.en}`).join('')}`,
        wrong: [
          ...wrongPlace(session, answer, value),
          !player.registered && value.warnings.length === 0 && 'a warning was expected',
        ],
      };
    });
  });
}

/** What the session offers is done, what it does not offer is refused. */
async function tasks(stage: Stage, session: RehearsalSession): Promise<void> {
  const { lead, taking } = stage.cast;
  const first = stage.batch === null;
  if (offers(session, 'enquire')) {
    for (const player of taking) if (player.on?.session === session) await enquire(stage, player);
  } else await shut(stage, 'enquiries', lead.client.profile);
  if (offers(session, 'broadcasts')) await readBroadcasts(stage, lead);
  else await shut(stage, 'broadcast messages', lead.client.broadcasts);

  if (!offers(session, 'upload')) await shut(stage, 'batch upload', () => lead.client.uploadBatch(new Uint8Array()));
  else if (first && canAll(session, ['enquire', 'reports', 'download'])) await upload(stage);
  if (!offers(session, 'reports')) await shut(stage, 'reports', () => lead.client.reports());
  else if (offers(session, 'download')) await (first ? downloadEarlier(stage) : readControlReport(stage));
  if (!first && offers(session, 'enquire'))
    await findInstructions(stage, stage.rolledBack ? 0 : (stage.batch?.accepted ?? 0));
}

const canAll = (session: RehearsalSession, all: readonly Operation[]) => all.every((one) => offers(session, one));

async function shut(stage: Stage, what: string, ask: () => Promise<Parameters<typeof refusedWith>[0]>): Promise<void> {
  await stage.score.step(
    `not open in this session: ${what}`,
    async (): Promise<Found> => refusedWith(await ask(), 'NOT_OPEN'),
  );
}

/** All log off but the lead, who stays on where there is more than that to do, as tooling does that nobody stops. */
async function leave(stage: Stage, session: RehearsalSession): Promise<void> {
  const { cast, score } = stage;
  if (!offers(session, 'logoff')) return;
  for (const player of [...cast.taking, cast.unregistered]) {
    if (player?.on?.session !== session || (player === cast.lead && offers(session, 'enquire'))) continue;
    await score.step(`${player.participant} logs off`, async () =>
      good(await player.client.logOff(), () => {
        player.on = null;
        return { says: 'logged off' };
      }),
    );
  }
}
