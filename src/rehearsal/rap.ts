import { RapConnectionLost } from '../client/rap-user.ts';
import { belongsTo, type RehearsalSession } from '../domain/calendar/rehearsal.ts';
import { CENTRE_WORDS } from '../domain/calendar/timetable-words.ts';
import type { Instant } from '../domain/nouns/market.ts';
import type { RefusalCode } from '../domain/refusal.ts';
import {
  logOnRefusal,
  nextOpeningProblem,
  offers,
  whyEnded,
  wrongCentre,
  wrongRelease,
  wrongSession,
} from './expected.ts';
import { observe, openingIn } from './observe.ts';
import { type Client, nameOf } from './participants.ts';
import { fetchReports } from './rap-reports.ts';
import { checked, failed, refusedWords, type StepResult } from './results.ts';
import { joined, listed, type Said, say } from './said.ts';
import type { Setting } from './setting.ts';

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
    await results.step(say('{} closes its SFTP connection', '{} 關閉 SFTP 連線', client.participant), async () => {
      client.rap.logOff();
      return checked(session.centre, { says: say('closed', '已關閉') });
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
    const what = say(
      'RAP is closed: {} lists over its connection of {}',
      'RAP 並未開放：{} 以 {} 的連線查閱',
      ...[client.participant, rapOn.session.id],
    );
    await results.step(what, () =>
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
  const what = say('RAP is closed: {} logs on by SFTP', 'RAP 並未開放：{} 經 SFTP 登入', tester.participant);
  await results.step(what, () =>
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
  const what = say(
    'the SFTP connection of {} of {} is gone',
    '{} 於 {} 的 SFTP 連線已中斷',
    ...[client.participant, rapOn.session.id],
  );
  await setting.results.step(what, async () => {
    try {
      const answer = await client.rap.list('/');
      return failed(say('it is still open: {}', '仍然開放：{}', answer.ok ? '-' : answer.says));
    } catch (error) {
      if (!(error instanceof RapConnectionLost)) throw error;
      return checked(null, { says: say('closed by the switch', '因切換而關閉') });
    }
  });
}

async function logOn(setting: Setting, session: RehearsalSession, client: Client): Promise<void> {
  const expected = logOnRefusal(session, client, setting.policy, 'rap');
  const what = say('{} logs on to RAP by SFTP', '{} 經 SFTP 登入 RAP', nameOf(client));
  await setting.results.step(what, async () => {
    if (expected) return expectRapRefusal(setting, () => tryLogOn(client), expected);
    const { value: answer, entries } = await observe(setting, 'logon', 'rap', () => client.rap.logOn());
    const [entry] = entries;
    if (!answer.ok) return failed(answer.says);
    client.rapOn = { session };
    client.tookPart = true;
    if (!entry) return failed(say('it succeeded, but is not in the journal', '登入成功，但日誌並無記錄'));
    const { centre, detail } = entry;
    return checked(centre, {
      says: listed([
        detail.credential === 'key' ? say('by key', '以密鑰登入') : say('by password', '以密碼登入'),
        say('known host key {}', '已知的主機密鑰 {}', answer.value.hostKey),
        centre === null ? '-' : CENTRE_WORDS[centre],
        say('release {}', '版本 {}', detail.release ?? '-'),
      ]),
      wrong: [
        ...wrongCentre(session, centre),
        ...wrongRelease(session.release, detail.release),
        detail.window !== session.id && wrongSession(detail.window),
        !answer.value.banner.includes('SIMULATED') && say('its banner does not say SIMULATED', '橫幅並無 SIMULATED'),
      ],
    });
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
  check: (opens: Instant | undefined) => Said | null = () => null,
): Promise<StepResult> {
  const { value: answer, entries } = await observe(setting, 'refusal', 'rap', request);
  const [entry] = entries;
  const centre = entry?.centre ?? null;
  if (answer.through) return failed(say('got a success, expected {}', '竟然成功，應為 {}', code), centre);
  if (!entry)
    return failed(
      say('refused ({}), but that is not in the journal', '被拒絕（{}），但日誌並無記錄', answer.says),
      centre,
    );
  const { says } = entry.detail;
  const opens = openingIn(says.en);
  const problem = entry.detail.code === code ? check(opens) : say('expected {}', '應為 {}', code);
  return problem === null
    ? checked(centre, { says: refusedWords(code, opens) })
    : failed(joined([say('{}: {}', '{}：{}', entry.detail.code, says), problem]), centre);
}
