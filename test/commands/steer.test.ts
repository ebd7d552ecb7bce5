import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Admin, startAdmin } from '../../src/admin/admin.ts';
import { EXIT_CODE } from '../../src/commands/exit-codes.ts';
import { run } from '../../src/commands/program.ts';
import type { SwitchAnswer } from '../../src/control/answers.ts';
import { REFUSAL_CODES } from '../../src/domain/refusal.ts';
import { type FakeCliContext, fakeCliContext } from '../support/fake-cli-context.ts';
import { type FakeControl, fakeControl } from '../support/fake-control.ts';

let control: FakeControl;
let admin: Admin;
let context: FakeCliContext;
beforeEach(async () => {
  control = fakeControl();
  admin = await startAdmin({ control, host: '127.0.0.1', port: 0, token: 'a-token-of-a-test', version: '0' });
  context = fakeCliContext({ environment: { CCASS_HARNESS_ADMIN: admin.url } });
});
afterEach(() => admin.close());

/** Runs a command line; what it printed. */
async function say(line: string, code = 0): Promise<string> {
  context.out.length = 0;
  context.errors.length = 0;
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const ended = await run(words, context);
  const errors = context.errors.filter((line) => !line.startsWith('steering the harness at'));
  expect([ended, errors]).toEqual([code, code === 0 ? [] : errors]);
  return context.out.join('\n');
}

describe('for people', () => {
  it('shows the state', async () => {
    const text = await say('state');
    for (const part of [
      'SIMULATED',
      '2021-07-24 16:25:00 HKT, frozen',
      'opens 2021-07-24 16:30:00 HKT',
      'seed 42',
      '127.0.0.1:7043',
    ])
      expect(text).toContain(part);
    expect(text).toMatch(/^primary +active .*https:\/\/127\.0\.0\.1\/primary/m);
    expect(text).toMatch(/^backup +standby/m);
  });

  it('is ready', async () =>
    expect(await say('ready')).toBe('ready: 2021-07-24 16:25:00 HKT, the primary centre is active'));

  it('moves the clock', async () => {
    expect(await say('clock')).toBe('2021-07-24 16:25:00 HKT, frozen');
    expect(await say('clock advance 1m30s')).toBe('2021-07-24 16:26:30 HKT, frozen');
    expect(await say('clock set 2021-07-24T16:29')).toContain('16:29:00');
    expect(await say('clock advance-to next-opening')).toMatch(
      /^2021-07-24 16:30:00 HKT, frozen\n {2}2021-07-24 16:30:00 HKT {2}session$/,
    );
    expect(await say('clock run')).toContain('running');
    expect(await say('clock run 60')).toContain('running at 60 times');
    expect(await say('clock freeze')).toContain('frozen');
  });

  it('switches the centre and says what came of it', async () => {
    expect(await say('failover --to backup')).toContain(
      'primary -> backup (drain) at 2021-07-24 16:25:00 HKT, epoch 2',
    );
    const text = await say('failover --to primary --mode cut');
    expect(text).toContain('(cut)');
    expect(text).toContain('2 sessions ended, 0 changes lost');
  });

  it('lists what a cut lost', async () => {
    const lost = [
      { epoch: 1, index: 9, at: 1_627_115_400_000, table: 'instruction', key: 'D00000001', row: null },
    ] as const;
    const answer: SwitchAnswer = {
      from: 'primary',
      to: 'backup',
      mode: 'cut',
      epoch: 2,
      at: 0,
      shipped: 0,
      lost,
      lostBatches: ['U00000000001'],
      endedSessions: 0,
    };
    await admin.close();
    admin = await startAdmin({
      control: { ...control, failover: async () => answer },
      host: '127.0.0.1',
      port: 0,
      token: 'x',
      version: '0',
    });
    context = fakeCliContext({ environment: { CCASS_HARNESS_ADMIN: admin.url } });
    const text = await say('failover --to backup --mode cut');
    expect(text).toMatch(/^1:9 +2021-07-24 16:30:00 HKT +instruction +D00000001$/m);
    expect(text).toContain('batches to send again: U00000000001');
  });

  it('sets the lag, registers, broadcasts, lists reports, shows the rehearsal', async () => {
    expect(await say('lag 5m')).toBe('lag 300000 ms, 0 commits behind');
    expect(await say('books')).toMatch(/^primary +1:7 {2}0{64}\nbackup +1:7 {2}0{64}\nequal$/);
    expect(await say('registration --remove B09902')).toMatch(/not registered .*B09902/);
    expect(await say('registration --add B09902')).toMatch(/^registered .*B09902/m);
    expect(await say('registration')).toContain('until 2021-07-21; the unregistered are refused');
    expect(await say('broadcast --subject "Hello there" --text Hi --kind extension')).toContain('N000001 sent at');
    expect(await say('reports --participant B09902')).toMatch(/R00000001 +ZSICR01 +B09902 +2021-07-23/);
    expect(await say('rehearsal show')).toMatch(/session-1 +2021-07-24 16:30 - 18:30 HKT +backup/);
    expect(await say('rehearsal show')).toMatch(/in service from +release\n2021-08-16 +upgraded/);
  });

  it('shows the journal, filtered, and hides it', async () => {
    control.note('trades', { trades: 3 }, 'B09901');
    expect(await say('journal')).toMatch(
      /^ {5}1 .*start.*\n {5}2 {2}2021-07-24 16:25:00 HKT {2}trades {9}B09901 {2}3 trades entered$/,
    );
    expect(await say('journal --kinds trades')).not.toContain('start');
    expect(await say('journal --participant B09902')).toBe('');
    expect(await say('journal --after 1')).not.toContain('start');
    expect(await say('journal --clear')).toBe('2 entries hidden, up to #2');
  });

  it("speaks the terminal's language", async () => {
    control.note('trades', { trades: 3 }, 'B09901');
    context = fakeCliContext({ environment: { CCASS_HARNESS_ADMIN: admin.url, LANG: 'zh_HK.UTF-8' } });
    expect(await say('journal --kinds trades')).toContain('輸入 3 宗買賣');
    context = fakeCliContext({ environment: { CCASS_HARNESS_ADMIN: admin.url, LC_ALL: 'C', LANG: 'zh_HK.UTF-8' } });
    expect(await say('journal --kinds trades')).toContain('3 trades entered');
  });

  it('shows what a client chose as one line that does nothing to the terminal', async () => {
    const userAgent = 'curl\n     9  2021-07-24 16:25:00 HKT  logoff\u001b[2J\u202e\u009b31m';
    control.note('logon', {
      ...{ release: 'upgraded', takeOver: false, credential: 'password' as const, warnings: [] },
      userAgent,
    });
    expect((await say('journal --kinds logon')).split('\n')).toEqual([
      expect.stringMatching(/client curl\\n {5}9 .* logoff\\u001b\[2J\\u202e\\u009b31m$/),
    ]);
    const [line = ''] = (await say('journal --kinds logon --json')).split('\n');
    expect(line).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
    expect(JSON.parse(line).detail.userAgent).toBe(userAgent);
  });

  it('shows a journal of many pages whole', async () => {
    for (let i = 0; i < 2100; i++) control.note('admits', {});
    expect((await say('journal --kinds admits')).split('\n')).toHaveLength(2100);
  });

  it('follows the journal until Ctrl-C, without a gap', async () => {
    control.note('logoff', {});
    const done = run(['journal', '--follow', '--kinds', 'logoff', '--json'], context);
    while (control.following === 0) await new Promise(setImmediate);
    control.note('admits', {});
    control.note('logoff', {});
    while (context.out.length < 2) await new Promise(setImmediate);
    context.signal('SIGINT');
    expect(await done).toBe(0);
    expect(context.out.map((line) => JSON.parse(line).seq)).toEqual([2, 4]);
  });
});

describe('for machines', () => {
  it.each([
    'state',
    'ready',
    'clock',
    'clock freeze',
    'failover --to backup',
    'lag 1s',
    'books',
    'registration',
    'broadcast --subject a --text b',
    'reports',
    'rehearsal show',
    'journal',
  ])('%s --json is one line of JSON', async (line) => {
    const text = await say(`${line} --json`);
    expect(text.split('\n')).toHaveLength(1);
    expect(JSON.parse(text)).toBeTypeOf('object');
  });

  it('has another exit code for each refusal, none of them taken for another ending', () => {
    const codes = REFUSAL_CODES.map((code) => EXIT_CODE[code]);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of REFUSAL_CODES.filter((each) => each !== 'BAD_FILE'))
      expect(EXIT_CODE[code]).toBeGreaterThanOrEqual(10);
    expect(Math.max(...codes)).toBeLessThan(126);
  });
});

describe('what goes wrong', () => {
  it('says why it was refused and what to do, under its exit code', async () => {
    await say('failover --to primary', EXIT_CODE.ALREADY_ACTIVE);
    expect(context.errors.at(-1)).toBe(
      'refused: That data centre is active already (ALREADY_ACTIVE)\n  primary is active: name the other.',
    );
    expect(context.out).toEqual([]);
    await say('clock set 2020-01-01', EXIT_CODE.CLOCK_BACKWARDS);
  });

  it('gives a machine the problem', async () => {
    const text = await say('failover --to primary --json', EXIT_CODE.ALREADY_ACTIVE);
    expect(JSON.parse(text)).toMatchObject({
      code: 'ALREADY_ACTIVE',
      status: 409,
      detail: 'primary is active: name the other.',
    });
  });

  it.each([
    'failover',
    'failover --to moon',
    'failover --to backup --mode gently',
    'clock advance soon',
    'clock advance 5',
    'clock advance 1h5',
    'clock run 0',
    'clock advance-to lunch',
    'broadcast --subject a',
    'registration --add A --remove B',
    'journal --clear --follow',
    'journal --after x',
    'stat',
    'state now',
    'rehearsal',
    'exec',
    '',
  ])('%s is a mistake in usage, and says so', async (line) => {
    await say(line, 2);
    expect(context.errors.join('\n')).toMatch(/--help|Usage/);
  });

  it('names what was probably meant', async () => {
    await say('stat', 2);
    expect(context.errors.join('\n')).toContain('Did you mean state?');
  });

  it.each(['journal --kinds log-on', 'journal --follow --kinds logon,log-on'])(
    '%s does not wait for a kind that never comes',
    async (line) => {
      await say(line, 2);
      expect(context.errors.join('\n')).toMatch(/There is no kind "log-on"\. Nearest: logon.* All: start, window, /);
    },
  );

  it('says where it looked and what to do when no harness answers', async () => {
    // A port that no server of another test can be given, as one that was just closed can.
    const url = 'http://127.0.0.1:2';
    context = fakeCliContext({ environment: { CCASS_HARNESS_ADMIN: url } });
    for (const line of ['state', 'ready', 'journal', 'journal --follow', 'clock freeze', 'failover --to backup']) {
      await say(line, 4);
      expect(context.errors.join('\n')).toContain(`no harness answers at ${url}`);
      expect(context.errors.join('\n')).toContain('start one with npm start, or name it with --admin URL');
    }
  });

  it('wants a URL', async () => {
    await say('state --admin localhost', 3);
    expect(context.errors.join('\n')).toContain('--admin: got "localhost"');
  });

  it('distinguishes an error of the harness from a refusal', async () => {
    await admin.close();
    const broken = { ...control, state: () => Promise.reject(new Error('index out of step')) };
    admin = await startAdmin({ control: broken, host: '127.0.0.1', port: 0, token: 'x', version: '0' });
    context = fakeCliContext({ environment: { CCASS_HARNESS_ADMIN: admin.url } });
    await say('state', 1);
    expect(context.errors.join('\n')).toContain('answered 500');
  });
});

describe('trades', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trades-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each([
    ['csv', 'participant,side,stock,quantity,price\r\nB09901,Buy,5,400,43.5\r\n'],
    ['json', '[{ "participant": "B09901", "side": "buy", "stock": "5", "quantity": 400, "price": "43.5" }]'],
  ])('adds those of a %s file and lists them', async (kind, text) => {
    const file = join(folder, `trades.${kind}`);
    await writeFile(file, text);
    expect(await say(`trades add ${file}`)).toMatch(
      /^1 trades entered\n[\s\S]*T000000001 +B09901 +buy +00005 +400 +HKD 17400.00/,
    );
    expect(await say('trades list')).toContain('2021-07-27');
  });

  it('takes from a csv whose a trade is that is cleared for another', async () => {
    const file = join(folder, 'trades.csv');
    const rows = ['B09903,sell,5,400,43.5,09951+', 'B09903,sell,5,400,43.5,'];
    await writeFile(file, ['participant,side,stock,quantity,price,account', ...rows].join('\n'));
    expect(await say(`trades add ${file}`)).toMatch(/^2 trades entered\n.*account\n.* 09951\+\n.*2021-07-27$/);
    await writeFile(file, `participant,side,stock,quantity,price,account\nB09903,sell,5,400,43.5,9951\n`);
    await say(`trades add ${file}`, EXIT_CODE.BAD_FILE);
    expect(context.errors.join('\n')).toContain(
      'line 2, column "account": got "9951", expected a non-clearing participant',
    );
  });

  it('names the column that a file lacks (BAD_FILE)', async () => {
    const file = join(folder, 'trades.csv');
    await writeFile(file, 'participant,side,stock,quantity\r\nB09901,buy,5,400\r\n');
    await say(`trades add ${file}`, EXIT_CODE.BAD_FILE);
    expect(context.errors.join('\n')).toContain('price');
  });

  it('names every wrong row of a csv by its line, and enters none (BAD_FILE)', async () => {
    const file = join(folder, 'trades.csv');
    const rows = [
      'B09901,buy,5,400,43.5',
      'B09901,hold,5,0,43.5',
      '',
      ',sell,5,1.5,43',
      'B09901,buy,,10,-1',
      'B09901,buy,5,10,1',
    ];
    const before = await say('trades list');
    await writeFile(file, ['participant,side,stock,quantity,price', ...rows].join('\n'));
    await say(`trades add ${file}`, EXIT_CODE.BAD_FILE);
    const named = context.errors.join('\n').matchAll(/line (\d+), column "(\w+)": got ("[^"]*"|nothing)/g);
    expect([...named].map(([, ...facts]) => facts.join(' '))).toEqual([
      '3 side "hold"',
      '3 quantity "0"',
      '5 participant nothing',
      '5 quantity "1.5"',
      '6 stock nothing',
      '6 price "-1"',
    ]);
    expect(await say('trades list')).toBe(before);
  });

  it.each([
    'trades add',
    'rap keys add --participant B09901',
    'rap publish --id RMAMR01 --participant B09901 --date 2021-07-23 --time 2030',
    'reports publish --id CIPSI02 --participant B09901 --date 2021-07-23',
  ])('%s of a file that is not there says so, and what to give (BAD_FILE)', async (command) => {
    await say(`${command} ${join(folder, 'none')}`, EXIT_CODE.BAD_FILE);
    expect(context.errors.join('\n')).toMatch(
      /none cannot be read: there is no such file \(ENOENT\)\. Give the path of a readable file/,
    );
    expect(context.errors.join('\n')).not.toContain('failed:');
  });
});

describe('help', () => {
  it.each(['rap', 'trades', 'imrpf', 'fixtures', 'rehearsal'])(
    '%s --help shows examples of what is below it',
    async (command) => {
      expect(await say(`${command} --help`)).toMatch(new RegExp(`Examples:\n  (${command}|up) `));
    },
  );

  it.each([
    'up',
    'exec',
    'ready',
    'state',
    'clock',
    'clock advance',
    'failover',
    'lag',
    'books',
    'journal',
    'reports',
    'reports publish',
    'reports withdraw',
    'trades list',
    'trades add',
    'rap keys',
    'rap keys add',
    'rap keys withdraw',
    'rap files',
    'rap publish',
    'rap withdraw',
    'margin',
    'imrpf generate',
    'imrpf check',
    'registration',
    'broadcast',
    'rehearsal list',
    'rehearsal show',
    'rehearsal check',
    'rehearse',
  ])('%s --help shows examples', async (command) => {
    const text = await say(`${command} --help`);
    expect(text).toContain('Examples:');
    expect(text).toContain('--json'.repeat(command === 'exec' ? 0 : 1));
  });
});

describe('which harness', () => {
  const HERE = () => `steering the harness at ${admin.url} (by `;

  it('says once, on standard error, which one it found unless it is the default one', async () => {
    await run(['state', '--json'], context);
    expect(context.errors).toEqual([
      `${HERE()}CCASS_HARNESS_ADMIN): rehearsal 2021-07-24, seed 42, 2021-07-24 16:25:00 HKT`,
    ]);
    expect(JSON.parse(context.out.join(''))).toMatchObject({ product: 'ccass-harness' });
  });

  it('is named by --port-base, of a group of commands and of each one', async () => {
    const base = String(Number(new URL(admin.url).port) - 80);
    for (const line of [
      ['state', '--port-base', base],
      ['clock', '--port-base', base, 'freeze'],
      ['clock', 'freeze', '--port-base', base],
      ['rap', 'keys', '--port-base', base],
      ['trades', 'list', '--port-base', base],
      ['journal', '--port-base', base],
      ['rehearsal', 'show', '--port-base', base],
    ]) {
      const plain = fakeCliContext();
      expect([await run(line, plain), plain.errors[0]]).toEqual([0, expect.stringContaining(`${HERE()}--port-base)`)]);
    }
  });
});

describe('a slip is answered with what to do', () => {
  it.each([
    [
      'failover',
      'error: name the centre that is to be active with --to: failover --to primary or failover --to backup',
    ],
    ['failover backup', 'error: name the centre that is to be active with --to: failover --to backup'],
    ['failover bakup', 'failover --to backup'],
    ['failover backup --mode cut', 'failover --to backup'],
  ])('%s', async (line, words) => {
    await say(line, 2);
    expect(context.errors.join('\n')).toContain(words);
  });

  it('an ID in lower case, a date in another form', async () => {
    const place = '--participant b09901 --date 2021-7-23';
    await say(`reports withdraw --id zsbal01 ${place}`, EXIT_CODE.BAD_REQUEST);
    const said = context.errors.join('\n');
    for (const words of ['nearest: ZSBAL01', 'nearest: B09901', 'such as 2021-07-23']) expect(said).toContain(words);
  });
});
