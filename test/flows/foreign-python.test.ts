import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { batchFile } from '../support/batch-files.ts';
import { PASSWORD } from '../support/client.ts';
import { has, run } from '../support/foreign.ts';
import { batchesDone, inSession1 } from '../support/rehearsal.ts';
import { temporary } from '../support/up.ts';

/** Standard library only: urllib with a cookie jar, as a script of an operations desk would have it. */
const SCRIPT = `
import http.cookiejar, json, ssl, sys, urllib.error, urllib.request
line, ca, batch, password = sys.argv[1:]
opener = urllib.request.build_opener(
    urllib.request.ProxyHandler({}),
    urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca)),
    urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
def ask(path, data=None, type='application/json'):
    request = urllib.request.Request(line + path, data=data, headers={'Content-Type': type} if data else {})
    try:
        with opener.open(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
said = [ask('/ccass/v1/profile')]
said.append(ask('/ccass/v1/session', json.dumps({
    'participant': 'B09901', 'user': 'MAKER01', 'password': password, 'channel': 'PG'}).encode()))
said.append(ask('/ccass/v1/profile'))
said.append(ask('/ccass/v1/batches', open(batch, 'rb').read(), 'application/octet-stream'))
print(json.dumps(said))
`;

describe.skipIf(!has('python3', '--version'))('Python’s urllib (skipped only where there is no python3)', () => {
  test('logs on by cookie, enquires and uploads', async () => {
    await using harness = await inSession1();
    await using folder = await temporary('ccass-python-');
    const [ca, batch] = [join(folder.path, 'ca.pem'), join(folder.path, 'batch')];
    await writeFile(ca, harness.ca);
    await writeFile(batch, batchFile(2));
    const { stdout, stderr } = await run('python3', ['-c', SCRIPT, harness.addresses.line, ca, batch, PASSWORD]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject([
      [401, { code: 'NO_SESSION' }],
      [201, { centre: 'backup', channel: 'PG' }],
      [200, { participant: { id: 'B09901' } }],
      [202, { reference: 'U00000000001' }],
    ]);
    await batchesDone(harness.control);
  });
});
