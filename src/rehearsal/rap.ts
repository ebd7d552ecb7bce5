import { RapConnectionLost } from '../client/rap-user.ts';
import { formatHkt } from '../domain/calendar/calendar.ts';
import { belongsTo, type RehearsalSession } from '../domain/calendar/rehearsal.ts';
import type { Instant } from '../domain/nouns/market.ts';
import type { RefusalCode } from '../domain/refusal.ts';
import type { Player } from './cast.ts';
import { logOnRefusal, nextOpeningFault, offers, whyEnded } from './expected.ts';
import { fetchReports } from './rap-reports.ts';
import { type Found, found } from './score.ts';
import type { Stage } from './stage.ts';
import { nameOf } from './tasks.ts';
import { openingIn, witnessed } from './witness.ts';

/** RAP in a session that offers it: who may comes in, at the centre that it should be, and fetches what there is. */
export async function playRap(stage: Stage, session: RehearsalSession): Promise<void> {
  const { taking, unregistered, riskLead } = stage.cast;
  if (riskLead) await earlierConnection(stage, session, riskLead);
  for (const player of [unregistered, ...taking]) if (player) await logOn(stage, session, player);
  if (!offers(session, 'reports', 'rap') || !offers(session, 'download', 'rap')) return;
  for (const player of taking) if (player.rapOn?.session === session) await fetchReports(stage, player);
}

/** All log off but one, who stays connected over the switch, as tooling does that nobody stops. */
export async function leaveRap({ cast, score }: Stage, session: RehearsalSession): Promise<void> {
  for (const player of cast.taking) {
    if (player === cast.riskLead || player.rapOn?.session !== session) continue;
    player.rapOn = null;
    await score.step(`${player.participant} closes its SFTP connection`, async () => {
      player.rap.logOff();
      return { ok: true, came: 'closed', centre: session.centre };
    });
  }
}

/** Outside the sessions that offer it, a log-on is refused, and so is whatever comes by a connection that still stands. */
export async function rapClosed(stage: Stage): Promise<void> {
  const { score, cast, time } = stage;
  const player = cast.riskLead;
  if (!player) return;
  const at = await time.now();
  const { rapOn } = player;
  const knocker = rapOn ? cast.taking.find((one) => !one.rapOn && belongsTo('clearing', one.type)) : player;
  if (rapOn) {
    await score.step(`RAP is closed: ${player.participant} lists by its connection of ${rapOn.session.id}`, () =>
      refusedBy(
        stage,
        async () => {
          const answer = await player.rap.list('/');
          return { through: answer.ok, says: answer.ok ? '' : answer.says };
        },
        'NOT_OPEN',
      ),
    );
  }
  if (!knocker) return;
  await score.step(`RAP is closed: ${knocker.participant} logs on by SFTP`, () =>
    refusedBy(
      stage,
      () => knocks(knocker),
      'NOT_OPEN',
      (opens) => nextOpeningFault(stage, at, opens, 'rap'),
    ),
  );
}

async function earlierConnection(stage: Stage, session: RehearsalSession, player: Player): Promise<void> {
  const { rapOn } = player;
  if (!rapOn) return;
  player.rapOn = null;
  // Of another end than a switch a connection learns by its next request; here it is closed and made anew.
  if (whyEnded(stage, rapOn.session, session, Number.POSITIVE_INFINITY) !== 'switch') return;
  await stage.score.step(`the SFTP connection of ${player.participant} of ${rapOn.session.id} is gone`, async () => {
    try {
      const answer = await player.rap.list('/');
      return { ok: false, came: answer.ok ? 'it still stands' : `it still stands: ${answer.says}`, centre: null };
    } catch (error) {
      if (!(error instanceof RapConnectionLost)) throw error;
      return { ok: true, came: 'closed by the switch', centre: null };
    }
  });
}

async function logOn(stage: Stage, session: RehearsalSession, player: Player): Promise<void> {
  const expected = logOnRefusal(session, player, stage.policy, 'rap');
  await stage.score.step(`${nameOf(player)} logs on to RAP by SFTP`, async () => {
    if (expected) return refusedBy(stage, () => knocks(player), expected);
    const { value: answer, entries } = await witnessed(stage, ['logon'], 'rap', () => player.rap.logOn());
    const [entry] = entries;
    if (!answer.ok) return { ok: false, came: answer.says, centre: null };
    player.rapOn = { session };
    if (!entry) return { ok: false, came: 'it went through, which is not in the journal', centre: null };
    const { centre, detail } = entry;
    return found(
      centre,
      `by ${detail.by}, known host key ${answer.value.hostKey}, ${centre} centre, release ${detail.release}`,
      [
        centre !== session.centre && `the ${session.centre} centre was expected`,
        detail.release !== session.release && `release ${session.release} was expected`,
        detail.rehearsalSession !== session.id && `it is said to be ${detail.rehearsalSession ?? 'no session'}`,
        !answer.value.banner.includes('SIMULATED') && 'its banner does not say SIMULATED',
      ],
    );
  });
}

async function knocks({ rap }: Player): Promise<{ readonly through: boolean; readonly says: string }> {
  const answer = await rap.logOn();
  rap.logOff();
  return { through: answer.ok, says: answer.ok ? '' : answer.says };
}

/**
 * Something at RAP must have been refused with this code. SSH has no codes, so that is read in the journal; the words are
 * the journal's too, as a client learns them only by keyboard-interactive.
 */
async function refusedBy(
  stage: Stage,
  ask: () => Promise<{ readonly through: boolean; readonly says: string }>,
  code: RefusalCode,
  look: (opens: Instant | undefined) => string | null = () => null,
): Promise<Found> {
  const { value: came, entries } = await witnessed(stage, ['refusal'], 'rap', ask);
  const [entry] = entries;
  const centre = entry?.centre ?? null;
  if (came.through) return { ok: false, came: `it went through, and ${code} was expected`, centre };
  if (!entry) return { ok: false, came: `refused (${came.says}), which is not in the journal`, centre };
  const says = String(entry.detail.says);
  const opens = openingIn(says);
  const fault = entry.detail.code === code ? look(opens) : `${code} was expected`;
  return fault === null
    ? { ok: true, came: `refused ${code}${opens === undefined ? '' : `, opens ${formatHkt(opens)}`}`, centre }
    : { ok: false, came: `${entry.detail.code}: ${says}; ${fault}`, centre };
}
