import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { pastProxies } from '../../src/commands/proxies.ts';
import { startHarness } from '../../src/harness/harness.ts';
import { has, run } from '../support/foreign.ts';

const OURS = '127.0.0.1,localhost,.localhost,::1';

describe('NO_PROXY and no_proxy of a child', () => {
  it.each([
    [{}, [OURS, OURS]],
    [{ NO_PROXY: 'a.test, .b.test' }, [`a.test,.b.test,${OURS}`, `a.test,.b.test,${OURS}`]],
    [
      { no_proxy: 'a.test,localhost' },
      ['a.test,localhost,127.0.0.1,.localhost,::1', 'a.test,localhost,127.0.0.1,.localhost,::1'],
    ],
    [{ NO_PROXY: 'a', no_proxy: 'b' }, [`a,${OURS}`, `b,${OURS}`]],
    [{ NO_PROXY: '*' }, ['*', '*']],
    [{ NO_PROXY: '', no_proxy: '' }, [OURS, OURS]],
  ])('of %j', (environment, [upper, lower]) => {
    expect(pastProxies(environment)).toEqual({ NO_PROXY: upper, no_proxy: lower });
  });

  it('have the line’s host, once', () => {
    expect(pastProxies({}, ['https://10.1.2.3:7043']).NO_PROXY).toBe(`${OURS},10.1.2.3`);
    expect(pastProxies({}, ['https://[fd00::1]:7043']).NO_PROXY).toBe(`${OURS},fd00::1`);
    expect(pastProxies({}, ['https://localhost:7043', 'https://[::1]:1']).NO_PROXY).toBe(OURS);
  });
});

// Skipped where there is no `env` to set the variables by, or no such client.
describe('with every kind of proxy set', { shuffle: false }, () => {
  const hits: string[] = [];
  const proxy = createServer((request, response) => {
    hits.push(`${request.method} ${request.url}`);
    response.writeHead(502).end();
  });
  proxy.on('connect', (request, socket) => {
    hits.push(`CONNECT ${request.url}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  let environment: string[];
  beforeAll(async () => {
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
    environment = [
      ...names.map((name) => `${name}=${url}`),
      'NODE_USE_ENV_PROXY=1',
      'NO_PROXY=kept.test',
      '-u',
      'no_proxy',
    ];
  });
  afterAll(() => proxy.close());

  const CLI = join(import.meta.dirname, '../../src/cli.ts');
  const cli = (...words: string[]) => run('env', [...sorted(environment), process.execPath, CLI, ...words]);
  /** `env` takes its options first. */
  const sorted = (words: string[]) => [...words.slice(-2), ...words.slice(0, -2)];
  const CLIENTS = {
    curl: 'curl -sS --cacert "$CCASS_HARNESS_CA" "$CCASS_HARNESS_LINE/centre"',
    'curl by name':
      'curl -sS --cacert "$CCASS_HARNESS_CA" "https://localhost:$(echo "$CCASS_HARNESS_LINE" | sed s/.*://)/centre"',
    python3: `SSL_CERT_FILE="$CCASS_HARNESS_CA" python3 -c 'import os, urllib.request; print(urllib.request.urlopen(os.environ["CCASS_HARNESS_LINE"] + "/centre").read().decode())'`,
    node: `"${process.execPath}" -e 'fetch(process.env.CCASS_HARNESS_LINE + "/centre").then(async (answer) => console.log(await answer.text()))'`,
  };

  for (const [name, command] of Object.entries(CLIENTS)) {
    const program = name.split(' ')[0] ?? '';
    const here = !/^(curl|python3)$/.test(program) || has(program, '--version');
    test.skipIf(process.platform === 'win32' || !here)(`exec: ${name} reaches the harness past them`, async () => {
      const { code, stdout, stderr } = await cli('exec', '--', 'sh', '-c', command);
      expect([code, stdout, stderr]).toEqual([0, expect.stringMatching(/"simulated":true/), expect.anything()]);
      expect(hits).toEqual([]);
    });
  }

  test.skipIf(process.platform === 'win32')('the command line steers past them', async () => {
    await using harness = await startHarness();
    const { code, stdout } = await cli('state', '--json', '--admin', harness.addresses.admin);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/"simulated":true/)]);
    expect(hits).toEqual([]);
  });

  test.skipIf(process.platform === 'win32')('what the user excluded stays', async () => {
    const { stdout } = await cli('exec', '--', 'sh', '-c', 'echo "$NO_PROXY $no_proxy"');
    expect(stdout.trim()).toBe(`kept.test,${OURS} kept.test,${OURS}`);
  });

  test.skipIf(process.platform === 'win32' || !has('curl', '--version'))(
    'rehearse --with does the same for its client',
    { timeout: 120_000 },
    async () => {
      const command = `${CLIENTS.curl} && test "$NO_PROXY" = "kept.test,${OURS}"`;
      const { stdout, stderr } = await cli('rehearse', '--with', command);
      expect(`${stdout}${stderr}`).toMatch(/"simulated":true/);
      expect(`${stdout}${stderr}`).not.toMatch(/502|exit code [1-9]/);
      expect(hits).toEqual([]);
    },
  );

  test.skipIf(!has('curl', '--version'))('the proxy would have been hit otherwise', async () => {
    await run('env', [...sorted(environment), 'curl', '-sS', 'http://elsewhere.test/']);
    expect(hits).toEqual(['GET http://elsewhere.test/']);
  });
});
