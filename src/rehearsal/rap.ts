import { RapConnectionLost } from '../client/rap-user.ts';
import { formatHkt } from '../domain/calendar/calendar.ts';
import { belongsTo, type RehearsalSession } from '../domain/calendar/rehearsal.ts';
import type { Instant } from '../domain/nouns/market.ts';
import type { RefusalCode } from '../domain/refusal.ts';
import { logOnRefusal, nextOpeningProblem, offers, whyEnded } from './expected.ts';
import { observe, openingIn } from './observe.ts';
import type { Client } from './participants.ts';
import { fetchReports } from './rap-reports.ts';
import { type StepResult, stepResult } from './results.ts';
import type { Setting } from './setting.ts';
import { nameOf } from './tasks.ts';

/** RAP in a session that offers it: log-ons at the right centre, then downloads by those that may. */
export async function playRap(setting: Setting, session: RehearsalSession): Promise<void> {
  const { attending, unregistered, riskLead } = setting.participants;
  if (riskLead) await earlierConnection(setting, session, riskLead);
  for (const client of [unregistered, ...attending]) if (client) await logOn(setting, session, client);
  if (!offers(session, 'reports', 'rap') || !offers(session, 'download', 'rap')) return;
  for (const client of attending) if (client.rapOn?.session === session) await fetchReports(setting, client);
}

/** All log off except one, which stays connected over the switch, as unattended clients do. */
export async function leaveRap({ participants, results }: Setting, session: RehearsalSession): Promise<void> {
  for (const client of participants.attending) {
    if (client === participants.riskLead || client.rapOn?.session !== session) continue;
    client.rapOn = null;
    await results.step(`${client.participant} closes its SFTP connection`, async () => {
      client.rap.logOff();
      return { ok: true, came: 'closed', centre: session.centre };
    });
  }
}

/** Outside the sessions that offer it, log-ons are refused, and so are requests over a connection that is still open. */
export async function rapClosed(setting: Setting): Promise<void> {
  const { results, participants, time } = setting;
  const client = participants.riskLead;
  if (!client) return;
  const at = await time.now();
  const { rapOn } = client;
  const tester = rapOn ? participants.attending.find((one) => !one.rapOn && belongsTo('clearing', one.type)) : client;
  if (rapOn) {
    await results.step(`RAP is closed: ${client.participant} lists over its connection of ${rapOn.session.id}`, () =>
      expectRapRefusal(
        setting,
        async () => {
          const answer = await client.rap.list('/');
          return { through: answer.ok, says: answer.ok ? '' : answer.says };
        },
        'NOT_OPEN',
      ),
    );
  }
  if (!tester) return;
  await results.step(`RAP is closed: ${tester.participant} logs on by SFTP`, () =>
    expectRapRefusal(
      setting,
      () => tryLogOn(tester),
      'NOT_OPEN',
      (opens) => nextOpeningProblem(setting, at, opens, tester, 'rap'),
    ),
  );
}

async function earlierConnection(setting: Setting, session: RehearsalSession, client: Client): Promise<void> {
  const { rapOn } = client;
  if (!rapOn) return;
  client.rapOn = null;
  // Only a switch closes the connection; another end shows at the next request, and the log-on reconnects anyway.
  if (whyEnded(setting, rapOn.session, session, Number.POSITIVE_INFINITY) !== 'switch') return;
  await setting.results.step(
    `the SFTP connection of ${client.participant} of ${rapOn.session.id} is gone`,
    async () => {
      try {
        const answer = await client.rap.list('/');
        return { ok: false, came: answer.ok ? 'it is still open' : `it is still open: ${answer.says}`, centre: null };
      } catch (error) {
        if (!(error instanceof RapConnectionLost)) throw error;
        return { ok: true, came: 'closed by the switch', centre: null };
      }
    },
  );
}

async function logOn(setting: Setting, session: RehearsalSession, client: Client): Promise<void> {
  const expected = logOnRefusal(session, client, setting.policy, 'rap');
  await setting.results.step(`${nameOf(client)} logs on to RAP by SFTP`, async () => {
    if (expected) return expectRapRefusal(setting, () => tryLogOn(client), expected);
    const { value: answer, entries } = await observe(setting, 'logon', 'rap', () => client.rap.logOn());
    const [entry] = entries;
    if (!answer.ok) return { ok: false, came: answer.says, centre: null };
    client.rapOn = { session };
    client.tookPart = true;
    if (!entry) return { ok: false, came: 'it succeeded, but is not in the journal', centre: null };
    const { centre, detail } = entry;
    return stepResult(
      centre,
      `by ${detail.credential}, known host key ${answer.value.hostKey}, ${centre} centre, release ${detail.release}`,
      [
        centre !== session.centre && `expected the ${session.centre} centre`,
        detail.release !== session.release && `expected release ${session.release}`,
        detail.window !== session.id && `got session ${detail.window ?? 'none'}`,
        !answer.value.banner.includes('SIMULATED') && 'its banner does not say SIMULATED',
      ],
    );
  });
}

async function tryLogOn({ rap }: Client): Promise<{ readonly through: boolean; readonly says: string }> {
  const answer = await rap.logOn();
  rap.logOff();
  return { through: answer.ok, says: answer.ok ? '' : answer.says };
}

/**
 * Expects RAP to refuse with this code. SSH has no codes, so the code comes from the journal; so does the message, which a
 * client sees only with keyboard-interactive.
 */
async function expectRapRefusal(
  setting: Setting,
  request: () => Promise<{ readonly through: boolean; readonly says: string }>,
  code: RefusalCode,
  check: (opens: Instant | undefined) => string | null = () => null,
): Promise<StepResult> {
  const { value: answer, entries } = await observe(setting, 'refusal', 'rap', request);
  const [entry] = entries;
  const centre = entry?.centre ?? null;
  if (answer.through) return { ok: false, came: `got a success, expected ${code}`, centre };
  if (!entry) return { ok: false, came: `refused (${answer.says}), but that is not in the journal`, centre };
  const says = entry.detail.says.en;
  const opens = openingIn(says);
  const problem = entry.detail.code === code ? check(opens) : `expected ${code}`;
  return problem === null
    ? { ok: true, came: `refused ${code}${opens === undefined ? '' : `, opens ${formatHkt(opens)}`}`, centre }
    : { ok: false, came: `${entry.detail.code}: ${says}; ${problem}`, centre };
}
