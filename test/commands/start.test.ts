import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/commands/program.ts';
import { refuse } from '../../src/domain/refusal.ts';
import { fakeCliContext } from '../support/fake-cli-context.ts';
import { failedUp } from '../support/up.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const node = process.execPath;
/** Writes what a child found in its environment. */
const tells = (file: string) =>
  `const { writeFileSync, readFileSync } = require('node:fs');
   const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(CCASS|NODE_EXTRA|MINE)/.test(name)));
   writeFileSync(${JSON.stringify(file)}, JSON.stringify({ env, ca: readFileSync(env.CCASS_HARNESS_CA, 'utf8') }));`;

describe('up', () => {
  it.each<[string, NodeJS.Platform, string[], boolean]>([
    ['on macOS, where certificates are valid for more than 825 days', 'darwin', [], true],
    ['not with --leaf wall', 'darwin', ['--leaf', 'wall'], false],
    ['not elsewhere', 'linux', [], false],
  ])('tells of Apple’s limit in the banner: %s', async (_, platform, flags, told) => {
    const context = fakeCliContext({ platform });
    const done = run(['up', ...flags], context);
    await context.listening;
    const row = context.out.join('\n').match(/ +validity +(.*)/)?.[1] ?? null;
    expect(row).toEqual(
      told
        ? expect.stringMatching(/^certificates: 2380 days +Safari, .*\.NET and Go on macOS.* 825.* --leaf wall$/)
        : null,
    );
    context.signal('SIGTERM');
    await done;
  });

  it('shows the manual, waits, drains at a signal and ends with 0', async () => {
    const context = fakeCliContext();
    const done = run(['up', '--rehearsal', '2021-07-24', '--seed', '42', '--lag', '5ms'], context);
    await context.listening;
    expect(context.started).toEqual([
      {
        rehearsal: '2021-07-24',
        seed: 42,
        lagMs: 5,
        certs: 'certs',
        ports: {
          line: 7043,
          primary: 7044,
          backup: 7045,
          admin: 7080,
          sftp: 7022,
          sftpPrimary: 7023,
          sftpBackup: 7024,
        },
      },
    ]);
    const shown = context.out.join('\n');
    for (const part of [
      'ccass-harness 1.2.3',
      'SIMULATED - not affiliated with HKEX',
      '42',
      '2021-07-24 16:25:00 HKT',
      'CCASS opens 2021-07-24 16:30:00 HKT at the backup centre',
      'https://127.0.0.1:7043',
      'https://127.0.0.1:7044',
      'https://127.0.0.1:7045',
      'http://127.0.0.1:7080/docs',
      'certs/ca.pem',
      'B09901 / MAKER01 / a password',
      'curl --cacert certs/ca.pem',
      'https://127.0.0.1:7043/ccass/v1/session',
      'harness failover --to backup',
    ])
      expect(shown).toContain(part);
    expect(shown).not.toContain('--insecure');
    context.signal('SIGTERM');
    expect(await done).toBe(0);
    expect([context.stopped, context.left]).toEqual([1, []]);
  });

  it('leaves at once at a second signal', async () => {
    const stuck = Promise.withResolvers<void>();
    const context = fakeCliContext();
    const { startHarness } = context;
    const slow = {
      ...context,
      startHarness: async (options: object) => ({
        ...(await startHarness(options)),
        [Symbol.asyncDispose]: () => stuck.promise,
      }),
    };
    const done = run(['up'], slow);
    await context.listening;
    context.signal('SIGINT');
    context.signal('SIGINT');
    expect(context.left).toEqual([130]);
    stuck.resolve();
    await done;
  });

  it('tells a machine in one line', async () => {
    const context = fakeCliContext();
    const done = run(['up', '--json'], context);
    await context.listening;
    context.signal('SIGTERM');
    await done;
    expect(JSON.parse(context.out.join('\n'))).toMatchObject({
      seed: 42,
      addresses: { admin: 'http://127.0.0.1:7080' },
    });
  });

  it('names every option that does not fit', async () => {
    const context = fakeCliContext({ environment: { CCASS_HARNESS_SEED: 'x' } });
    expect(await run(['up', '--rate', 'fast', '--port-base', '99999'], context)).toBe(3);
    for (const part of ['--rate', '--port-base', '--seed', 'CCASS_HARNESS_SEED'])
      expect(context.errors.join('\n')).toContain(part);
    expect(context.started).toEqual([]);
  });

  it('names port, flag and next step when a port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const startHarness = async (): Promise<never> => {
      const cause = await new Promise<Error>((resolve) =>
        createServer().once('error', resolve).listen(port, '127.0.0.1'),
      );
      throw new Error('the backup centre did not start', { cause });
    };
    const context = fakeCliContext({ startHarness });
    expect(await run(['up', '--backup-port', String(port)], context)).toBe(3);
    expect(context.errors.join('\n')).toMatch(
      new RegExp(`--backup-port: got ${port} .*taken.*--port-base \\d+ is free now`),
    );
    server.close();
  });

  it.each(['data', 'certs'])(
    'names --%s, the cause and the next step when the folder cannot be made',
    async (option) => {
      const file = join(folder, 'no-folder');
      writeFileSync(file, '');
      const startHarness = async (): Promise<never> => {
        await mkdir(join(file, 'primary'), { recursive: true });
        throw new Error('it was made');
      };
      const context = fakeCliContext({ startHarness });
      expect(await run(['up', `--${option}`, file], context)).toBe(3);
      expect(context.errors.join('\n')).toMatch(
        new RegExp(
          `--${option}: got .*no-folder/primary \\(ENOTDIR\\), expected a folder that this user can create, read and write`,
        ),
      );
    },
  );

  it.runIf(process.platform === 'linux')('ends where a folder can never be made, and names the flag', async () => {
    for (const [flag, path] of [
      ['--data', '/proc/x'],
      ['--certs', '/proc/x/y'],
    ] as const) {
      const failed = await failedUp(flag, path);
      expect([failed.code, failed.stderr]).toEqual([3, expect.stringContaining(`${flag}: got /proc/x (ENOENT)`)]);
    }
  });

  it('does not hide another fault', async () => {
    const context = fakeCliContext({ startHarness: async () => Promise.reject(new Error('out of step')) });
    expect(await run(['up'], context)).toBe(1);
    expect(context.errors.join('\n')).toContain('out of step');
  });
});

describe('exec', () => {
  it('gives the command the addresses, the CA and the token, and ends with its code', async () => {
    const file = join(folder, 'told.json');
    const context = fakeCliContext({ environment: { MINE: 'kept' } });
    const code = await run(
      ['exec', '--seed', '1', '--', node, '-e', `${tells(file)} process.exit(7)`, '--', '--seed', 'x'],
      context,
    );
    expect([code, context.errors]).toEqual([7, []]);
    const { env, ca } = JSON.parse(readFileSync(file, 'utf8'));
    expect(env).toEqual({
      MINE: 'kept',
      CCASS_HARNESS_LINE: 'https://127.0.0.1:7043',
      CCASS_HARNESS_PRIMARY: 'https://127.0.0.1:7044',
      CCASS_HARNESS_BACKUP: 'https://127.0.0.1:7045',
      CCASS_HARNESS_ADMIN: 'http://127.0.0.1:7080',
      CCASS_HARNESS_SFTP: 'sftp://127.0.0.1:7022',
      CCASS_HARNESS_SFTP_PRIMARY: 'sftp://127.0.0.1:7023',
      CCASS_HARNESS_SFTP_BACKUP: 'sftp://127.0.0.1:7024',
      CCASS_HARNESS_SFTP_HOST: '127.0.0.1',
      CCASS_HARNESS_SFTP_PORT: '7022',
      CCASS_HARNESS_PARTICIPANT: 'B09901',
      CCASS_HARNESS_USER: 'MAKER01',
      CCASS_HARNESS_PASSWORD: 'a password',
      CCASS_HARNESS_ORP_USER: 'RISK01',
      CCASS_HARNESS_KNOWN_HOSTS: expect.any(String),
      CCASS_HARNESS_RAP_KEY: expect.any(String),
      CCASS_HARNESS_CA: expect.any(String),
      CCASS_HARNESS_TOKEN: 'token-of-the-harness',
      NODE_EXTRA_CA_CERTS: env.CCASS_HARNESS_CA,
    });
    expect(ca).toContain('BEGIN CERTIFICATE');
    expect(existsSync(env.CCASS_HARNESS_CA)).toBe(false);
    expect(context.started).toEqual([
      {
        rehearsal: 'always-open',
        seed: 1,
        ports: { line: 0, primary: 0, backup: 0, admin: 0, sftp: 0, sftpPrimary: 0, sftpBackup: 0 },
      },
    ]);
    expect(context.stopped).toBe(1);
  });

  it('hands signals on and ends as a shell would say it', async () => {
    const context = fakeCliContext();
    const done = run(['exec', '--', node, '-e', 'setInterval(() => {}, 1000)'], context);
    await context.listening;
    context.signal('SIGTERM');
    expect(await done).toBe(128 + 15);
    expect(context.stopped).toBe(1);
  });

  it('says so when there is no such command, and leaves nothing running', async () => {
    const context = fakeCliContext();
    expect(await run(['exec', '--', 'no-such-command-here'], context)).toBe(127);
    expect(context.errors.join('\n')).toContain('no-such-command-here');
    expect(context.stopped).toBe(1);
  });
});

describe('rehearse', () => {
  it('plays the rehearsal of the circular at a harness of its own on free ports', async () => {
    const context = fakeCliContext();
    expect(await run(['rehearse', '--seed', '3'], context)).toBe(0);
    expect(context.started).toMatchObject([{ rehearsal: '2021-07-24', seed: 3, ports: { line: 0 } }]);
    expect(context.rehearsed).toMatchObject([
      {
        line: 'https://127.0.0.1:7043',
        ca: expect.stringContaining('BEGIN CERTIFICATE'),
        rehearsal: { id: '2021-07-24' },
        layouts: { ZSIUP01: expect.anything(), ZSBAL01: expect.anything() },
        signal: { aborted: false },
      },
    ]);
    const [played] = context.rehearsed;
    expect(played?.clientUsers).toContainEqual({
      participant: 'B09903',
      type: 'general-clearing',
      user: 'MAKER01',
      password: 'a password',
      checker: 'CHECK01',
      riskUser: 'RISK01',
    });
    expect(played?.clientUsers.find(({ participant }) => participant === 'B09901')?.rapKey).toContain('PRIVATE KEY');
    expect([played?.sftp, played?.knownHosts]).toEqual(['sftp://127.0.0.1:7022', '[127.0.0.1]:7022 ssh-rsa AAAA\n']);
    expect([played?.clientUsers.length, played?.holidays.has('2021-10-01'), played?.with]).toEqual([
      5,
      true,
      undefined,
    ]);
    expect(context.out).toEqual(['session 1', '3 tasks done, 0 failed']);
    expect(context.stopped).toBe(1);
  });

  it('gives a client of the user the addresses, the CA as a file and the token', async () => {
    let seen: unknown;
    const context = fakeCliContext({
      environment: { MINE: 'kept' },
      rehearse: async ({ with: client, rehearsal }) => {
        seen = client;
        expect(readFileSync(String(client?.environment.CCASS_HARNESS_CA), 'utf8')).toContain('BEGIN CERTIFICATE');
        return { rehearsal: rehearsal.id, done: 1, failed: 0, empty: 0, undone: 0, steps: [] };
      },
    });
    expect(await run(['rehearse', '--with', 'node x.js'], context)).toBe(0);
    expect(seen).toMatchObject({
      command: 'node x.js',
      environment: {
        MINE: 'kept',
        CCASS_HARNESS_LINE: 'https://127.0.0.1:7043',
        CCASS_HARNESS_PRIMARY: 'https://127.0.0.1:7044',
        CCASS_HARNESS_BACKUP: 'https://127.0.0.1:7045',
        CCASS_HARNESS_ADMIN: 'http://127.0.0.1:7080',
        CCASS_HARNESS_TOKEN: 'token-of-the-harness',
      },
    });
  });

  it('is in the language of the terminal', async () => {
    const context = fakeCliContext({ environment: { LANG: 'zh_HK.UTF-8' } });
    expect(await run(['rehearse'], context)).toBe(0);
    expect(context.rehearsed).toMatchObject([{ language: 'zh' }]);
    expect(context.out.at(-1)).toBe('共完成 3 項，失敗 0 項');
  });

  it('ends with 1 if a task failed, and keeps the result apart for a machine', async () => {
    const result = { rehearsal: 'x', done: 1, failed: 1, empty: 0, undone: 0, steps: [] };
    const failing = fakeCliContext({
      rehearse: async ({ print }) => {
        print('no');
        return result;
      },
    });
    expect(await run(['rehearse', '2021-07-31', '--json'], failing)).toBe(1);
    expect([failing.out, failing.errors]).toEqual([[JSON.stringify(result)], ['no']]);
  });

  it('ends with 5 if a client did none of the tasks, with 1 if it failed as well', async () => {
    const ending = (failed: number) =>
      fakeCliContext({
        rehearse: async () => ({ rehearsal: 'x', done: 1, failed, empty: 0, undone: 2, steps: [], sessions: [] }),
      });
    const [undone, failing] = [ending(0), ending(1)];
    expect(await run(['rehearse', '--with', 'true'], undone)).toBe(5);
    expect(undone.out).toEqual(['1 session done, 0 failed, 2 not done']);
    expect(await run(['rehearse', '--with', 'true'], failing)).toBe(1);
  });

  it("gives a client the session and a file of the circular's tasks, a time to end in, and the sessions that are named", async () => {
    let file = '';
    const context = fakeCliContext({
      rehearse: async ({ with: client, rehearsal, sessions }) => {
        const [session] = rehearsal.sessions;
        if (!session || !client) throw new Error('no session, or no client');
        const variables = await client.sessionEnvironment?.(session);
        file = variables?.CCASS_HARNESS_SESSION_TASKS ?? '';
        expect(variables?.CCASS_HARNESS_SESSION).toBe('session-1');
        expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(
          session.tasks.map(({ en, zh }, n) => ({ id: `session-1.${n + 1}`, en, zh })),
        );
        expect(session.tasks).toHaveLength(6);
        expect([client.limit?.text, client.limit?.expired().aborted, sessions]).toEqual([
          '1m30s',
          false,
          ['session-1', 'verification'],
        ]);
        return { rehearsal: rehearsal.id, done: 1, failed: 0, empty: 0, undone: 0, steps: [], sessions: [] };
      },
    });
    const flags = ['--client-limit', '1m30s', '--sessions', 'session-1, verification'];
    expect(await run(['rehearse', '--with', 'true', ...flags], context)).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    ['exec', '--', ''],
    ['rehearse', '--with', ' '],
  ])('an empty command is a usage error: %s', async (...words) => {
    const context = fakeCliContext();
    expect(await run(words, context)).toBe(2);
    expect(context.errors.join('\n')).toMatch(
      /write exec -- COMMAND ARGUMENTS|Write the command that runs your client/,
    );
    expect(context.started).toEqual([]);
  });

  it.each([
    [['2021-08-14', '--rehearsal', '2021-07-31'], '2021-08-14'],
    [['--rehearsal', '2021-08-14'], '2021-08-14'],
    [[], '2021-07-24'],
  ])('rehearse %s plays %s', async (words, id) => {
    const context = fakeCliContext({
      rehearse: async ({ rehearsal }) => refuse('BAD_REQUEST', { en: `plays ${rehearsal.id}`, zh: '' }),
    });
    expect(await run(['rehearse', ...words], context)).toBe(23);
    expect(context.errors.join('\n')).toContain(`plays ${id}`);
  });

  it.each(['soon', '0s', '100d'])('refuses the client limit %s with what is allowed', async (limit) => {
    const context = fakeCliContext();
    expect(await run(['rehearse', '--with', 'true', '--client-limit', limit], context)).toBe(2);
    expect(context.errors.join('\n')).toMatch(/Write a duration (with its unit, such as|from 1ms to 24d)/);
    expect(context.started).toEqual([]);
  });

  it('says what there is to do where nothing can be played, and names a rehearsal that there is not', async () => {
    const refusal = refuse('BAD_REQUEST', { en: 'no sessions', zh: '並無時段' });
    const context = fakeCliContext({ rehearse: async () => refusal });
    expect(await run(['rehearse', 'always-open'], context)).toBe(23);
    expect(context.errors.join('\n')).toContain('no sessions');

    const unknown = fakeCliContext();
    expect(await run(['rehearse', '2021-07-42'], unknown)).toBe(3);
    expect(unknown.errors.join('\n')).toContain('2021-07-24');
    expect(unknown.started).toEqual([]);
  });

  it('leaves off at a signal and stops the harness', async () => {
    const context = fakeCliContext({
      rehearse: ({ signal }) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error))),
    });
    const done = run(['rehearse'], context);
    await context.listening;
    context.signal('SIGTERM');
    expect(await done).toBe(128 + 15);
    expect(context.stopped).toBe(1);
  });
});
