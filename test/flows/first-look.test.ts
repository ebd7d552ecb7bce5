import { describe, expect, test } from 'vitest';
import { rapUser } from '../../src/client/rap-user.ts';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';
import { orpClient } from '../support/orp.ts';
import { journalled } from '../support/rap-day.ts';
import { onTheLine } from '../support/rehearsal.ts';

const MONDAY = { at: instant('2021-07-26T10:59'), clock: 'frozen', seed: 1 } as const;
/** What of it was done by now of the risk platform's work. */
const riskRuns = async (harness: Harness) =>
  (await journalled(harness, 'run')).map(({ detail }) => detail.run).filter((run) => /^(margin |RPF01)/.test(run));
const FRIDAY = ['RPF01', 'margin 11:00', 'margin 16:45', 'margin 20:30', 'RPF01'];

describe('runs that are due at the start are nobody’s to wait for at log-on, and done for whoever looks first:', () => {
  test('at ORP Online', async () => {
    await using harness = await startHarness(MONDAY);
    using orp = orpClient(harness);
    expect((await orp.tryLogon({ password: 'wrong' })).status).toBe(401);
    await orp.logon();
    expect(await orp.outcome('/profile')).toEqual([200, null]);
    expect(await riskRuns(harness)).toEqual([]);
    expect(await orp.outcome('/margin')).toEqual([200, null]);
    expect(await riskRuns(harness)).toEqual(FRIDAY);
  });

  test('in RAP by SFTP', async () => {
    await using harness = await startHarness(MONDAY);
    const { user: participant, privateKey } = harness.rap;
    const knownHosts = await harness.rap.knownHosts();
    using user = rapUser({ sftp: harness.addresses.sftp, knownHosts, participant, privateKey });
    expect(await user.logOn()).toMatchObject({ ok: true });
    const days = await user.list('/INBOX');
    expect(days).toMatchObject({ ok: true, value: [{ name: '20210723' }, { name: '20210726' }] });
    expect(await riskRuns(harness)).toEqual(FRIDAY);
  });

  test('in RAP by HTTPS', async () => {
    await using harness = await startHarness(MONDAY);
    using client = onTheLine(harness);
    const { user: participant, password } = harness.rap;
    const logon = await client.ask('/rap/v1/session', { method: 'POST', body: { participant, password } });
    client.token = logon.json<{ token: string }>().token;
    expect(await riskRuns(harness)).toEqual([]);
    const { rows } = (await client.ask('/rap/v1/files')).json<{ rows: { reportId: string }[] }>();
    expect(rows.map(({ reportId }) => reportId)).toContain('RMAMR01');
    expect(await riskRuns(harness)).toEqual(FRIDAY);
  });
});
