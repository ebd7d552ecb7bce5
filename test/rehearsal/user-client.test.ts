import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRefusal } from '../../src/domain/refusal.ts';
import { startHarness } from '../../src/harness/harness.ts';
import { type RehearseOptions, rehearse } from '../../src/rehearsal/rehearse.ts';
import type { UserClient } from '../../src/rehearsal/user-client.ts';
import { has, JAVA_OPTIONS } from '../support/foreign.ts';
import { optionsFor } from '../support/rehearsed.ts';

const node = JSON.stringify(process.execPath);
const BAD_ROW = new URL('../../fixtures/batches/bad/unknown-stock.txt', import.meta.url).pathname;
const BAD_FILE = new URL('../../fixtures/batches/bad/hash-total.txt', import.meta.url).pathname;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'user-client-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function script(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** Rehearses with a client at a harness of its own; its environment has what `rehearse --with` sets. */
async function rehearsed(command: string, more: Partial<RehearseOptions> = {}, client: Partial<UserClient> = {}) {
  await using harness = await startHarness({ rehearsal: '2021-07-24' });
  const { options, printed } = await optionsFor(harness, '2021-07-24');
  const environment = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    CCASS_HARNESS_LINE: harness.addresses.line,
    CCASS_HARNESS_ADMIN: harness.addresses.admin,
    CCASS_HARNESS_CA: script('ca.pem', harness.ca),
    FOLDER: folder,
  };
  const result = await rehearse({ ...options, ...more, with: { command, environment, ...client } });
  if (isRefusal(result)) throw new Error(result.detail.en);
  return { ...result, printed, outcomes: result.steps.map(({ session, outcome }) => `${session} ${outcome}`) };
}

/** A client of sh and curl: logs on, then runs `more` with the cookies of its log-on. */
const shell = (more: string) => `
set -e
ask() { curl --silent --show-error --fail-with-body --cacert "$CCASS_HARNESS_CA" -b "$FOLDER/cookies" -c "$FOLDER/cookies" "$@"; }
ask -H 'content-type: application/json' -d '{"participant":"B09901","user":"MAKER01","password":"Rehearsal-2021","channel":"C3T","takeOver":true}' "$CCASS_HARNESS_LINE/ccass/v1/session" >/dev/null
${more}
`;
const typed = (stock: string) =>
  `ask -H 'content-type: application/json' -d '{"rows":[{"reference":"X1","side":"deliver","stock":"${stock}","quantity":400,"counterparty":"B09902","account":"01","payment":"FOP","settlementDate":"2021-07-26"}]}' "$CCASS_HARNESS_LINE/ccass/v1/settlement-instructions" >/dev/null`;
const uploaded = (file: string) =>
  `ask -H 'content-type: text/plain' --data-binary @${file} "$CCASS_HARNESS_LINE/ccass/v1/batches" >/dev/null`;

describe('what was seen of a client, and what was not', () => {
  it('sh and curl: log-ons by channel, enquiries, a batch with its refused rows and why, what was typed, downloads', async () => {
    const client = script(
      'day.sh',
      shell(`
ask "$CCASS_HARNESS_LINE/ccass/v1/stock-balances" >/dev/null
${typed('00005')}
${uploaded(BAD_ROW)}
report=$(ask "$CCASS_HARNESS_LINE/ccass/v1/reports?id=CFIPM01" | sed 's/.*"reference":"\\(R[0-9]*\\)".*/\\1/')
ask -o /dev/null "$CCASS_HARNESS_LINE/ccass/v1/reports/$report"`),
    );
    const result = await rehearsed(`sh ${client}`, { sessions: ['session-1'] });
    expect(result).toMatchObject({ done: 1, failed: 0, undone: 0 });
    for (const line of [
      '  seen: 1 log-on to CCASS by C3T (B09901 MAKER01), 1 enquiry at CCASS, 1 whole download from CCASS',
      '  typed SIs: 1 accepted, 0 refused',
      '  batch U00000000001: 1 accepted, 1 refused',
      '    line 3, S0302R2: UNKNOWN_STOCK: No such stock code. Look it up in the CCASS stock list and input the row again.',
      '  open, but not seen: log-on at RAP, report download at RAP, log-on at ORP Online, enquiries at ORP Online',
    ])
      expect(result.printed).toContain(line);
    expect(result.sessions).toMatchObject([
      {
        ...{ session: 'session-1', ending: 'exit code 0', undone: null },
        seen: {
          logons: [{ service: 'ccass', channel: 'C3T', count: 1, users: ['B09901 MAKER01'] }],
          rows: { accepted: 2, refused: 1 },
          batches: [{ batch: 'U00000000001', firstRefused: [{ line: 3, reason: 'UNKNOWN_STOCK' }] }],
          downloads: { ccass: { whole: 1, part: 0 } },
        },
        notSeen: [{ task: 'log-on', service: 'rap' }, { service: 'rap' }, { service: 'orp' }, { service: 'orp' }],
      },
    ]);
  });

  it('the same in Chinese', async () => {
    const client = script('chinese.sh', shell(typed('99999')));
    const { printed } = await rehearsed(`sh ${client}`, { sessions: ['session-1'], language: 'zh' });
    expect(printed).toContain('  所見：B09901 MAKER01 登入 CCASS（經 C3T） 1 次');
    expect(printed).toContainEqual(
      expect.stringMatching(/^ {2}輸入交收指示：接納 0 項，拒收 1 項（UNKNOWN_STOCK：.*\p{Script=Han}/u),
    );
    expect(printed).toContainEqual(expect.stringContaining('其全部記錄均被拒收'));
  });

  it.skipIf(!has('python3', '-c', 'import ssl'))('Python', async () => {
    const client = script(
      'client.py',
      `import json, os, ssl, urllib.request
line, context = os.environ['CCASS_HARNESS_LINE'], ssl.create_default_context(cafile=os.environ['CCASS_HARNESS_CA'])
def ask(path, token=None, body=None):
    headers = {'content-type': 'application/json'} if body else {}
    if token: headers['authorization'] = 'Bearer ' + token
    data = json.dumps(body).encode() if body else None
    with urllib.request.urlopen(urllib.request.Request(line + path, data, headers), context=context) as answer:
        return json.load(answer)
user = {'participant': 'B09902', 'user': 'RISK01', 'password': 'Rehearsal-2021', 'takeOver': True}
token = ask('/orp/v1/session', body=user)['token']
print('margin', ask('/orp/v1/margin', token)['margin']['total'])
`,
    );
    const { printed, outcomes } = await rehearsed(`python3 ${client}`);
    expect(outcomes).toEqual(['session-1 OK', 'session-2 OK']);
    expect(printed.filter((line) => /^ {2}\| margin [1-9]/.test(line))).toHaveLength(2);
    expect(printed).toContain('  seen: 1 log-on to ORP Online (B09902 RISK01), 1 enquiry at ORP Online');
  });

  it.skipIf(!has('java', '-version'))('Java', async () => {
    const client = script(
      'Client.java',
      `import java.net.URI;
import java.net.http.*;
import java.nio.file.*;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.*;
public class Client {
  public static void main(String[] args) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null);
    try (var in = Files.newInputStream(Path.of(System.getenv("CCASS_HARNESS_CA")))) {
      store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, trust.getTrustManagers(), null);
    var body = "{\\"participant\\":\\"C09901\\",\\"user\\":\\"MAKER01\\",\\"password\\":\\"Rehearsal-2021\\",\\"channel\\":\\"PG\\"}";
    var request = HttpRequest.newBuilder(URI.create(System.getenv("CCASS_HARNESS_LINE") + "/ccass/v1/session"))
        .header("content-type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build();
    var answer = HttpClient.newBuilder().sslContext(tls).build().send(request, HttpResponse.BodyHandlers.ofString());
    System.out.println(answer.statusCode());
  }
}
`,
    );
    const { printed, outcomes } = await rehearsed(`java ${JAVA_OPTIONS.join(' ')} ${client}`, {
      sessions: ['session-2'],
    });
    expect(printed).toContain('  | 201');
    expect(outcomes).toEqual(['session-2 OK']);
    expect(printed).toContain('  seen: 1 log-on to CCASS by PG (C09901 MAKER01)');
  });
});

describe('no verdict is green for nothing', () => {
  it('a client that does nothing: each session is not done, though it ended in order', async () => {
    const { outcomes, steps, undone, done, sessions, printed } = await rehearsed('true');
    expect(outcomes).toEqual(['session-1 UNDONE', 'session-2 UNDONE']);
    expect([done, undone]).toEqual([0, 2]);
    expect(steps[0]?.came).toBe(
      'exit code 0; no log-on was seen, so none of the tasks was done: have the client log on at CCASS_HARNESS_LINE or _SFTP',
    );
    expect(printed).toContain('  seen: nothing');
    expect(sessions?.map(({ undone: why }) => why?.zh)).toEqual(Array(2).fill(expect.stringContaining('未見任何登入')));
  });

  it('a client whose log-on was refused did not log on, and the refusal is told', async () => {
    const client = script(
      'wrong.sh',
      `curl --silent --cacert "$CCASS_HARNESS_CA" -H 'content-type: application/json' -d '{"participant":"B09901","user":"MAKER01","password":"wrong","channel":"PG"}' "$CCASS_HARNESS_LINE/ccass/v1/session"`,
    );
    const { outcomes, printed } = await rehearsed(`sh ${client}`, { sessions: ['session-1'] });
    expect(outcomes).toEqual(['session-1 UNDONE']);
    expect(printed).toContainEqual(expect.stringMatching(/^ {2}refused 1 time: CCASS log-on, BAD_CREDENTIALS: /));
  });

  it('a client that does not trust the CA is told so', async () => {
    const { outcomes, printed } = await rehearsed(`curl --silent "$CCASS_HARNESS_LINE/centre" || true`, {
      sessions: ['session-1'],
    });
    expect(outcomes).toEqual(['session-1 UNDONE']);
    expect(printed).toContainEqual(expect.stringMatching(/^ {2}refused 1 time: connection, CA_NOT_TRUSTED: /));
  });

  it.each([
    ['its only typed row', typed('99999')],
    ['its only file', uploaded(BAD_FILE)],
  ])('a client of which %s was refused', async (_, act) => {
    const client = script('refused.sh', shell(act));
    const { outcomes, steps, printed } = await rehearsed(`sh ${client}`, { sessions: ['session-1'] });
    expect(outcomes).toEqual(['session-1 UNDONE']);
    expect(steps[0]?.came).toContain(
      'every row of it was refused, so nothing was input: correct what the lines above name',
    );
    expect(printed).toContainEqual(
      expect.stringMatching(
        /(typed SIs: 0 accepted, 1 refused \(UNKNOWN_STOCK: |batch U00000000001: discarded, line 4: HASH_TOTAL: )/,
      ),
    );
  });

  it('a client that crashes fails its session', async () => {
    const { outcomes, steps, failed, printed } = await rehearsed(`${node} -e 'throw new Error("no such thing")'`);
    expect(outcomes).toEqual(['session-1 FAIL', 'session-2 FAIL']);
    expect([failed, steps[0]?.came]).toEqual([2, expect.stringMatching(/^exit code 1; no log-on was seen/)]);
    expect(printed).toContainEqual(expect.stringMatching(/^ {2}\| .*no such thing/));
  });

  it('a client that hangs is ended at its limit, and what it started with it', async () => {
    const expired = new AbortController();
    // The background process ignores the request to end, and holds the output: the session ends only once it is gone.
    const command = `sh -c 'trap "" TERM; echo up; while :; do sleep 0.05; done' & wait`;
    const { outcomes, steps } = await rehearsed(
      command,
      { sessions: ['session-1'], print: (line) => line === '  | up' && expired.abort() },
      { limit: { text: '10m', expired: () => expired.signal, killed: () => AbortSignal.abort() } },
    );
    expect(outcomes).toEqual(['session-1 FAIL']);
    expect(steps[0]?.came).toMatch(
      /^it had not ended after 10m and was ended; --client-limit gives it more time; no log-on/,
    );
  });

  it('a client that leaves a daemon behind is over at its limit, whatever still holds its output', async () => {
    const expired = new AbortController();
    // In a group of its own, it is out of reach. It says so once its parent is gone.
    const daemon = script(
      'daemon.mjs',
      `import { spawn } from 'node:child_process';
       const waits = 'while kill -0 ' + process.pid + ' 2>/dev/null; do sleep 0.05; done; echo alone; exec sleep 60';
       const child = spawn('sh', ['-c', waits], { detached: true, stdio: 'inherit' });
       console.log('daemon ' + child.pid);
       child.unref();`,
    );
    const running: number[] = [];
    const { outcomes, steps } = await rehearsed(
      `exec ${node} ${daemon}`,
      {
        sessions: ['session-1'],
        print(line) {
          const [, pid] = /^ {2}\| daemon (\d+)$/.exec(line) ?? [];
          if (pid !== undefined) running.push(Number(pid));
          if (line === '  | alone') expired.abort();
        },
      },
      { limit: { text: '10m', expired: () => expired.signal, killed: () => AbortSignal.abort() } },
    );
    for (const pid of running) process.kill(-pid, 'SIGKILL');
    expect([outcomes, running.length]).toEqual([['session-1 FAIL'], 1]);
    expect(steps[0]?.came).toMatch(
      /^it ended, but something that it left running still held its output open after 10m/,
    );
  });

  it('no more of its output is read than is taken', async () => {
    let [open, printed, most] = [0, 0, 0];
    const { outcomes } = await rehearsed(
      `${node} -e 'for (let n = 0; n < 200000; n++) console.log("a line of output")'`,
      {
        sessions: ['session-1'],
        print: (line) => {
          if (!line.startsWith('  | ')) return;
          printed += 1;
          most = Math.max(most, ++open);
        },
        printed: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          open = 0;
        },
      },
    );
    expect([outcomes, printed]).toEqual([['session-1 UNDONE'], 200_000]);
    expect(most).toBeLessThan(20_000);
  });

  it('a line without an end is printed in pieces', async () => {
    const { printed } = await rehearsed(`${node} -e 'process.stdout.write("x".repeat(100000))'`, {
      sessions: ['session-1'],
    });
    const pieces = printed.filter((line) => line.startsWith('  | '));
    expect(pieces.map((line) => line.length).toSorted((a, b) => b - a)[0]).toBeLessThanOrEqual(4 + 2 ** 16 + 16_384);
    expect(pieces.join('').replaceAll('  | ', '')).toBe('x'.repeat(100_000));
  });
});

describe('the sessions of a client', () => {
  const tells = () =>
    script(
      'tells.mjs',
      `const { CCASS_HARNESS_SESSION: session, CCASS_HARNESS_ADMIN: admin, MINE } = process.env;
       const { market, active, session: open } = await (await fetch(admin + '/v1/state')).json();
       console.log([session, open, active, market.hongKong, market.mode, MINE].join(' '));
       process.stdout.write('no line end');
       process.exitCode = session === 'session-2' ? 7 : 0;`,
    );

  it('all but the optional ones, each at a clock that stands still; its exit code counts', async () => {
    const { printed, steps, failed } = await rehearsed(`MINE=kept ${node} ${tells()}`);
    expect(printed.filter((line) => line.startsWith('  | '))).toEqual([
      '  | session-1 session-1 backup 2021-07-24 16:30:00 HKT frozen kept',
      '  | no line end',
      '  | session-2 session-2 primary 2021-07-24 20:30:00 HKT frozen kept',
      '  | no line end',
    ]);
    expect(failed).toBe(1);
    expect(steps.map(({ session, centre, came }) => [session, centre, came.split(';')[0]])).toEqual([
      ['session-1', 'backup', 'exit code 0'],
      ['session-2', 'primary', 'exit code 7'],
    ]);
  });

  it('those that are named, the Sunday too, in the order of the rehearsal', async () => {
    const { outcomes } = await rehearsed('true', { sessions: ['verification', 'session-2'] });
    expect(outcomes).toEqual(['session-2 UNDONE', 'verification UNDONE']);
  });

  it.each([[['session-3']], [['session-1', 'Session-2']], [['']]])('%j is told the list', async (sessions) => {
    await using harness = await startHarness({ rehearsal: '2021-07-24' });
    const { options, printed } = await optionsFor(harness, '2021-07-24');
    for (const more of [{}, { with: { command: 'true', environment: {} } }])
      expect(await rehearse({ ...options, sessions, ...more })).toMatchObject({
        refusal: 'BAD_REQUEST',
        detail: {
          en: expect.stringContaining('--sessions session-1,session-2,verification'),
          zh: expect.stringContaining('--sessions session-1,session-2,verification'),
        },
      });
    expect(printed).toEqual([]);
  });

  it('the reference participant plays those that are named', async () => {
    await using harness = await startHarness({ rehearsal: '2021-07-24' });
    const { options } = await optionsFor(harness, '2021-07-24');
    const result = await rehearse({
      ...options,
      rehearsal: { ...options.rehearsal, reports: [] },
      sessions: ['session-2'],
    });
    if (isRefusal(result)) throw new Error(result.detail.en);
    expect(result.steps.filter(({ outcome }) => outcome === 'FAIL')).toEqual([]);
    expect(new Set(result.steps.map(({ session }) => session))).toEqual(new Set([null, 'session-2']));
  });

  it('are ended with the rehearsal when that is left off', async () => {
    await using harness = await startHarness({ rehearsal: '2021-07-24' });
    const { options } = await optionsFor(harness, '2021-07-24');
    const stop = new AbortController();
    const playing = rehearse({
      ...options,
      with: { command: `exec ${node} -e "console.log('here'); setInterval(() => {}, 1000)"`, environment: {} },
      signal: stop.signal,
      print: (line) => line.includes('here') && line.startsWith('  | ') && stop.abort(new Error('enough')),
    });
    await expect(playing).rejects.toThrow('enough');
  });
});
