import { compactDate, marketDate, previousBusinessDay } from '../domain/calendar/calendar.ts';
import type { RehearsalSession } from '../domain/calendar/rehearsal.ts';
import { platformNames } from '../domain/risk/platform-names.ts';
import type { Player } from './cast.ts';
import { logOnRefusal, nextOpeningFault, offers, whyEnded, wrongPlace } from './expected.ts';
import { good, refusedInstead, refusedWith } from './score.ts';
import type { Stage } from './stage.ts';
import { nameOf } from './tasks.ts';

/** ORP Online in a session that offers it: who may comes in and enquires its margin and the positions under it. */
export async function playOrp(stage: Stage, session: RehearsalSession): Promise<void> {
  const { taking, unregistered, riskLead } = stage.cast;
  if (riskLead) await earlierToken(stage, session, riskLead);
  for (const player of [unregistered, ...taking]) if (player) await logOn(stage, session, player);
  if (!offers(session, 'enquire', 'orp')) return;
  for (const player of taking) if (player.orpOn?.session === session) await enquire(stage, player);
}

/** All log off but one, who stays on over the switch. */
export async function leaveOrp({ cast, score }: Stage, session: RehearsalSession): Promise<void> {
  if (!offers(session, 'logoff', 'orp')) return;
  for (const player of cast.taking) {
    if (player === cast.riskLead || player.orpOn?.session !== session) continue;
    await score.step(`${player.participant} logs off from ORP Online`, async () =>
      good(await player.orp.logOff(), () => {
        player.orpOn = null;
        return { says: 'logged off' };
      }),
    );
  }
}

/** Outside the sessions that offer it, a log-on is refused and names the next opening; so is whatever a token is good for. */
export async function orpClosed(stage: Stage): Promise<void> {
  const { score, cast, time } = stage;
  const player = cast.riskLead;
  if (!player) return;
  const at = await time.now();
  const name = nameOn(at);
  await score.step(`${name} is closed: ${player.participant} logs on`, async () =>
    refusedWith(await player.orp.logOn(requestOf(player)), 'NOT_OPEN', ({ retryAt }) =>
      nextOpeningFault(stage, at, retryAt, 'orp'),
    ),
  );
  if (player.orpOn) {
    await score.step(
      `${name} is closed: ${player.participant} enquires with the token of ${player.orpOn.session.id}`,
      async () => refusedWith(await player.orp.margin(), 'NOT_OPEN'),
    );
  }
}

async function earlierToken(stage: Stage, session: RehearsalSession, player: Player): Promise<void> {
  const { orpOn } = player;
  if (!orpOn) return;
  const why = whyEnded(stage, orpOn.session, session, orpOn.answer.idleMinutes);
  if (why === null) return;
  player.orpOn = null;
  await stage.score.step(`${player.participant} is not logged on to ORP Online any more`, async () =>
    refusedWith(await player.orp.margin(), 'SESSION_ENDED', ({ more }) =>
      more?.reason === why ? null : `the reason should be ${why}, not ${more?.reason}`,
    ),
  );
}

async function logOn(stage: Stage, session: RehearsalSession, player: Player): Promise<void> {
  const { score, policy, time } = stage;
  const expected = logOnRefusal(session, player, policy, 'orp');
  // ORP Online if applicable (如適用), says the circular.
  if (expected === null && player.riskUser === undefined) return;
  await score.step(`${nameOf(player)} logs on to ${nameOn(await time.now())}`, async () => {
    const answer = await player.orp.logOn({ ...requestOf(player), takeOver: player.orpOn !== null });
    if (expected) return refusedWith(answer, expected);
    return good(answer, (value) => {
      player.orpOn = { session, answer: value };
      player.tookPart = true;
      return {
        says: `certificate ${answer.certificate}, release ${value.release}, role ${value.role}`,
        wrong: wrongPlace(session, answer, value),
      };
    });
  });
}

/** Margin, MTM and positions of the latest run: the end of the business day before, as it stands in RAP. */
async function enquire({ score, time, holidays }: Stage, player: Player): Promise<void> {
  const date = previousBusinessDay(marketDate(await time.now()), holidays);
  await score.step(`${player.participant} enquires the margin of its latest run, MTM and positions`, async () => {
    const margin = await player.orp.margin();
    if (!margin.ok) return refusedInstead(margin);
    const { businessDate, snapshot, account } = margin.value;
    const mtm = await player.orp.mtm({ businessDate, snapshot });
    if (!mtm.ok) return refusedInstead(mtm);
    const records = player.rapRecords.get(`RMAMP01 ${compactDate(businessDate)} ${snapshot}`);
    return good(await player.orp.positions({ businessDate, snapshot }), ({ rows }) => ({
      says: `${account}, run of ${businessDate} ${snapshot}: margin ${margin.value.margin.total}, MTM requirement ${mtm.value.mtm.requirement}, ${rows.length} positions${records === undefined ? '' : ', as many as RMAMP01 has records'}`,
      wrong: [
        businessDate !== date && `the run of ${date} was expected`,
        !account.includes(player.participant) && `the account is that of another than ${player.participant}`,
        records !== undefined && records !== rows.length && `RMAMP01 has ${records} records`,
      ],
    }));
  });
}

function requestOf({ participant, riskUser, user, password }: Player) {
  return { participant, user: riskUser ?? user, password };
}

const nameOn = (at: number) => platformNames(marketDate(at)).online.en;
