import { expect, test } from 'vitest';
import { clientOf } from '../../support/client.ts';
import { journalled, NIGHT, publish, rapNight } from '../../support/rap-day.ts';
import { entriesOf } from '../../support/zips.ts';

test('/rap/v1 lists and serves the very files of SFTP, with ranges and ETag, in a session of its own', async () => {
  await using harness = await rapNight();
  const [data, control] = await publish(harness, 'A,B\r\n1,2\r\n');
  await publish(harness, 'A\r\n', { participant: 'B09902' });
  const client = clientOf({ url: harness.addresses.line, ca: harness.ca });
  const { user: participant, password } = harness.rap;
  expect((await client.ask('/rap/v1/files')).json()).toMatchObject({ status: 401, code: 'NO_SESSION' });
  const logon = (body: object) => client.ask('/rap/v1/session', { method: 'POST', body });
  expect((await logon({ participant, password: 'guess' })).json()).toMatchObject({ code: 'BAD_CREDENTIALS' });
  expect((await logon({ participant: 'C09901', password })).json()).toMatchObject({ code: 'NOT_ENTITLED' });
  const opened = await logon({ participant, password });
  expect(opened.json()).toMatchObject({ participant, centre: 'primary', simulated: true });
  expect(opened.headers['set-cookie']?.[0]).toMatch(/^rap_session_\d+=primary\..*Path=\/rap;/);
  const headers = { authorization: `Bearer ${opened.json<{ token: string }>().token}` };

  const { rows } = (await client.ask('/rap/v1/files', { headers })).json<{ rows: { path: string; name: string }[] }>();
  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining([data.name, control.name]));
  expect(rows.filter(({ name }) => name.includes('B09902'))).toEqual([]);
  const inbox = await client.ask('/rap/v1/files?folder=RPF&businessDate=2021-07-23', { headers });
  expect(inbox.json<{ rows: { folder: string }[] }>().rows.every(({ folder }) => folder === 'RPF')).toBe(true);

  const path = `/rap/v1/files/INBOX/20210723/${data.name}`;
  const whole = await client.ask(path, { headers });
  expect(whole.status).toBe(200);
  expect(whole.headers).toMatchObject({
    'content-type': 'application/zip',
    etag: `"${data.sha256}"`,
    'last-modified': new Date(NIGHT).toUTCString(),
    'content-disposition': `attachment; filename="${data.name}"`,
  });
  const [entry] = await entriesOf(whole.body);
  expect(entry?.content.toString()).toBe('A,B\r\n1,2\r\n');
  const part = await client.ask(path, { headers: { ...headers, range: 'bytes=10-19' } });
  expect([part.status, part.body]).toEqual([206, whole.body.subarray(10, 20)]);
  expect((await client.ask(path, { headers: { ...headers, 'if-none-match': `"${data.sha256}"` } })).status).toBe(304);
  expect((await client.ask(path, { method: 'HEAD', headers })).headers['content-length']).toBe(String(data.sizeBytes));
  for (const gone of [
    `/rap/v1/files/INBOX/20210723/${data.name.replace('B09901', 'B09902')}`,
    '/rap/v1/files/RPF/20210723/x',
  ]) {
    expect((await client.ask(gone, { headers })).json()).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  }
  const downloads = await journalled(harness, 'download');
  expect(downloads.map(({ service, detail }) => [service, detail.ranges, detail.whole])).toEqual([
    ['rap', [{ first: 0, last: data.sizeBytes - 1 }], true],
    ['rap', [{ first: 10, last: 19 }], false],
  ]);
  // A token of RAP is none of CCASS.
  expect((await client.ask('/ccass/v1/profile', { headers })).json()).toMatchObject({ code: 'NO_SESSION' });
  expect((await client.ask('/rap/v1/session', { method: 'DELETE', headers })).status).toBe(204);
  expect((await client.ask('/rap/v1/files', { headers })).json()).toMatchObject({ code: 'SESSION_ENDED' });
  client[Symbol.dispose]();
});
