import { expect, test } from 'vitest';
import { orpUser } from '../../src/client/orp-user.ts';
import { readRapPackage } from '../../src/client/rap-package.ts';
import { rapUser } from '../../src/client/rap-user.ts';
import { answerOf, outcome, PASSWORD, rehearsalDay } from './day.ts';

/** Rows 14, 15, 22, 23 and 26: RAP and ORP Online at each centre, with one configuration. */
const risk = (participant: string) => ({ participant, user: 'RISK01', password: PASSWORD });

function value<T>(answer: { ok: true; value: T } | { ok: false; says: string }): T {
  if (!answer.ok) throw new Error(answer.says);
  return answer.value;
}

test.each(['2021-07-24', '2021-07-31'])(
  '%s: clearing participants reach RAP and ORP Online through the backup centre, then through the primary one',
  async (date) => {
    await using day = await rehearsalDay({ rehearsal: date });
    const { addresses, ca, rap } = day.harness;
    // Made once, and never changed.
    using online = orpUser({ line: addresses.line, ca });
    using files = rapUser({
      ...{ sftp: addresses.sftp, knownHosts: await rap.knownHosts() },
      ...{ participant: rap.user, privateKey: rap.privateKey },
    });
    expect(outcome(await online.logOn(risk('B09901')))).toBe('423 NOT_OPEN');
    expect(await files.logOn()).toMatchObject({ ok: false });

    const friday = date === '2021-07-24' ? '20210723' : '20210730';
    for (const [time, centre] of [
      [`${date}T16:30`, 'backup'],
      [`${date}T20:30`, 'primary'],
    ] as const) {
      await day.at(time);
      const on = await online.logOn(risk('B09901'));
      expect([outcome(on), on.centre, on.certificate.startsWith(centre)]).toEqual(['201', centre, true]);
      expect(outcome(await online.logOn(risk('C09901')))).toBe('403 NOT_ENTITLED');
      answerOf(await online.logOn({ ...risk('B09901'), takeOver: true }));
      const { margin, businessDate } = answerOf(await online.margin());
      expect(businessDate.replaceAll('-', '')).toBe(friday);

      value(await files.logOn());
      const names = value(await files.list(`/INBOX/${friday}`)).map(({ name }) => name);
      const data = names.findLast((name) => name.startsWith('RMAMR01') && name.endsWith('_D.zip')) ?? '';
      const [zip, control] = [data, data.replace('_D.zip', '_C.zip')].map((name) => `/INBOX/${friday}/${name}`);
      const report = await readRapPackage(
        { name: data, bytes: value(await files.fetch(zip ?? '')) },
        value(await files.fetch(control ?? '')),
      );
      expect(report.faults).toEqual([]);
      // The report and the screen tell the same run.
      expect(report.csv.toString().trim().split('\r\n').at(-1)).toContain(String(margin.total));
      expect(value(await files.list('/RPF')).length).toBeGreaterThan(0);
    }
    const logons = (await day.journal('logon')).map(({ centre, detail }) => `${centre} ${detail.service}`);
    expect(new Set(logons)).toEqual(new Set(['backup orp', 'backup rap', 'primary orp', 'primary rap']));
  },
);
