import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Harness } from '../../src/harness/options.ts';
import { clientOf, PASSWORD } from '../support/client.ts';
import { has, run } from '../support/foreign.ts';
import { inSession1 } from '../support/rehearsal.ts';
import { temporary } from '../support/up.ts';

/** Hosts ignore ports for cookies (RFC 6265, 8.5): two harnesses on one address are one host to a cookie jar. */
const PYTHON = `
import http.cookiejar, json, ssl, sys, urllib.error, urllib.request
ca, password, *lines = sys.argv[1:]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
    urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca)),
    urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
for line in lines:
    body = json.dumps({'participant': 'B09901', 'user': 'MAKER01', 'password': password, 'channel': 'PG', 'takeOver': True}).encode()
    opener.open(urllib.request.Request(line + '/ccass/v1/session', body, {'Content-Type': 'application/json'}), timeout=30)
print(json.dumps([opener.open(line + '/ccass/v1/profile', timeout=30).status for line in lines]))
`;

interface Document {
  readonly components: { readonly securitySchemes: { readonly cookie: object } };
}

const LOGONS = {
  ccass: { participant: 'B09901', user: 'MAKER01', password: PASSWORD, channel: 'PG' },
  rap: { participant: 'B09901', password: PASSWORD },
  orp: { participant: 'B09901', user: 'RISK01', password: PASSWORD },
};
const ENQUIRY = { ccass: '/ccass/v1/profile', rap: '/rap/v1/files', orp: '/orp/v1/profile' };
const SERVICES = ['ccass', 'rap', 'orp'] as const;

describe('two harnesses on one address', () => {
  let harnesses: Harness[];
  let folder: Awaited<ReturnType<typeof temporary>>;
  const file = (name: string) => join(folder.path, name);
  beforeAll(async () => {
    harnesses = [await inSession1(), await inSession1()];
    folder = await temporary('ccass-two-');
    await writeFile(file('ca.pem'), harnesses[0]?.ca ?? '');
  });
  afterAll(async () => {
    for (const harness of harnesses) await harness.stop();
    await folder[Symbol.asyncDispose]();
  });

  const curl = async (url: string, ...args: string[]) => {
    const jar = ['-b', file('jar'), '-c', file('jar')];
    const ours = ['-sS', '--noproxy', '*', '--cacert', file('ca.pem'), ...jar, '-w', '%{http_code}', '-o', '/dev/null'];
    return Number((await run('curl', [...ours, ...args, url])).stdout);
  };

  test.skipIf(!has('curl', '--version'))(
    'one jar of curl holds the sessions of both, of all services, at the line and at the centre; log-off ends one',
    async () => {
      const lines = harnesses.map(({ addresses }) => addresses.line);
      for (const line of lines)
        for (const service of SERVICES) {
          const body = JSON.stringify(LOGONS[service]);
          const path = `${line}/${service}/v1/session`;
          expect(await curl(path, '-H', 'Content-Type: application/json', '-d', body)).toBe(201);
        }
      for (const at of [...lines, ...harnesses.map(({ addresses }) => addresses.backup)])
        for (const service of SERVICES) expect([at, await curl(`${at}${ENQUIRY[service]}`)]).toEqual([at, 200]);
      expect(await curl(`${lines[0]}/ccass/v1/session`, '-X', 'DELETE')).toBe(204);
      // One after the other: each writes the jar.
      const after = [];
      for (const line of lines) after.push(await curl(`${line}/ccass/v1/profile`));
      expect(after).toEqual([401, 200]);
    },
  );

  test.skipIf(!has('python3', '--version'))('so does one of Python’s', async () => {
    const lines = harnesses.map(({ addresses }) => addresses.line);
    const { stdout, stderr } = await run('python3', ['-c', PYTHON, file('ca.pem'), PASSWORD, ...lines]);
    expect([stderr, stdout.trim()]).toEqual(['', '[200, 200]']);
  });

  test('their OpenAPI documents name the cookie that they set', async () => {
    for (const { addresses, ca } of harnesses) {
      for (const [service, at] of [
        ['ccass', addresses.line],
        ['rap', addresses.primary],
        ['orp', addresses.backup],
      ] as const) {
        using client = clientOf({ url: at, ca });
        const document = (await client.ask(`/${service}/v1/openapi.json`)).json<Document>();
        const { port } = new URL(addresses.line);
        expect(document.components.securitySchemes.cookie).toEqual({
          ...{ type: 'apiKey', in: 'cookie' },
          name: `${service}_session_${port}`,
        });
      }
    }
  });
});
