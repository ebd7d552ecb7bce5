import type { Control } from '../../src/control/control.ts';
import type { RapCsv } from '../../src/control/rap.ts';
import { isMarketDate, parseInstant } from '../../src/domain/calendar/calendar.ts';
import type { RapKey } from '../../src/domain/nouns/access.ts';
import type { RapFile } from '../../src/domain/nouns/reports.ts';
import { rapFileName } from '../../src/domain/rap-tree.ts';
import { refuse } from '../../src/domain/refusal.ts';
import { rapFile } from './rows.ts';

type RapVerbs = Pick<
  Control,
  'rapKeys' | 'addRapKey' | 'withdrawRapKey' | 'rapFiles' | 'publishRapPackage' | 'publishRapCsv' | 'withdrawRapPackage'
>;

const notFound = (what: string) => refuse('NOT_FOUND', { en: `No ${what}.`, zh: '找不到所需資料。' });
export const badRequest = () => refuse('BAD_REQUEST', { en: 'Ask for something else.', zh: '請更正要求。' });
const isClearing = (participant: string) => participant.startsWith('B');

/** RAP's part of the fake: it lists registered keys and published files until they are withdrawn. */
export function fakeRap(): RapVerbs {
  const keys = new Map<string, RapKey>();
  let files: RapFile[] = [rapFile('RMAMR01_B09901_20210723_2030_D.zip')];
  const own = ({ participant = '', id = '', businessDate = '', snapshot = '' }) =>
    (['data', 'control'] as const).map((part) =>
      rapFile(rapFileName({ reportId: id, participant, businessDate, snapshot }, part), {
        ...{ participant, reportId: id, businessDate, part, inPlaceOf: null },
      }),
    );

  const publish = async (asked: Omit<RapCsv, 'csv'>) => {
    if (!isClearing(asked.participant)) return notFound(`RAP user ${asked.participant}`);
    if (asked.folder === 'RPF' || !isMarketDate(asked.businessDate)) return badRequest();
    const published = own(asked);
    files = [...files.filter((file) => !published.some(({ name }) => name === file.name)), ...published];
    return { files: published };
  };

  return {
    rapKeys: async ({ participant }) => ({
      keys: [...keys.values()].filter((key) => participant === undefined || key.participant === participant),
    }),
    addRapKey: async ({ participant, publicKey, from, until }) => {
      if (!isClearing(participant)) return notFound(`RAP user ${participant}`);
      const [algorithm = '', blob = '', ...comment] = publicKey.split(' ');
      if (blob.length < 20) return refuse('BAD_FILE', { en: 'That is no public key.', zh: '並非公開密碼匙。' });
      const since = from === undefined ? 0 : parseInstant(from);
      const end = until === undefined ? null : parseInstant(until);
      if (since === null || (end !== null && end <= since)) return badRequest();
      const key: RapKey = {
        ...{ participant, algorithm, bits: 256, publicKey: blob, comment: comment.join(' '), from: since, until: end },
        fingerprint: `SHA256:${'A'.repeat(43)}`,
      };
      keys.set(`${participant}/${key.fingerprint}`, key);
      return key;
    },
    withdrawRapKey: async ({ participant, fingerprint }) => {
      const name = `${participant}/${fingerprint}`;
      const key = keys.get(name);
      keys.delete(name);
      return key ?? notFound('such key');
    },
    rapFiles: async ({ participant }) => ({
      files: files.filter((file) => participant === undefined || file.participant === participant),
    }),
    publishRapPackage: publish,
    publishRapCsv: async ({ csv, ...asked }) => {
      for await (const _ of csv);
      return publish(asked);
    },
    withdrawRapPackage: async (asked) => {
      const gone = files.filter((file) => own(asked).some(({ name }) => name === file.name));
      if (gone.length === 0) return notFound('file of yours');
      files = files.filter((file) => !gone.includes(file));
      return { files: gone, restored: false };
    },
  };
}
