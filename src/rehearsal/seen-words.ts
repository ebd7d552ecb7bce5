import type { RehearsalSession } from '../domain/calendar/rehearsal.ts';
import { OPERATION_WORDS } from '../domain/calendar/timetable-words.ts';
import type { ServiceName, Words } from '../domain/nouns/market.ts';
import { FILE_FAULTS } from '../domain/settlement/batch.ts';
import { ROW_REASON_LIST } from '../domain/settlement/row-refusals.ts';
import { listed, type Said, say } from './said.ts';
import { notSeen, type Unseen, whyUndone } from './seen.ts';
import type { Refusals, Seen, SeenBatch, Typed } from './seen-entries.ts';

const SERVICE_NAME: Readonly<Record<ServiceName, string>> = { ccass: 'CCASS', rap: 'RAP', orp: 'ORP Online' };

/** What was seen of a client in a session and what was not, a line each. */
export function seenLines(session: RehearsalSession, seen: Seen): readonly Words[] {
  const { logons, refusals, batches, batchesLeftOut, typed } = seen;
  const did = [...logons.map(logonWords), ...enquiryWords(seen), ...downloadWords(seen)];
  const unseen = notSeen(session, seen);
  return [
    say('seen: {}', '所見：{}', did.length === 0 ? say('nothing', '無') : listed(did)),
    ...typed.map(typedWords),
    ...batches.flatMap(batchLines),
    ...(batchesLeftOut > 0 ? [say('and {} more batches', '另有 {} 個批次', batchesLeftOut)] : []),
    ...refusals.map(refusalWords),
    ...(unseen.length > 0 ? [say('open, but not seen: {}', '已開放而未見：{}', listed(unseen.map(unseenWords)))] : []),
  ];
}

/** Why the session's tasks were not done, and the next step; null if something was. */
export function undoneWords(seen: Seen): Words | null {
  switch (whyUndone(seen)) {
    case 'no log-on':
      return say(
        'no log-on was seen, so none of the tasks was done: have the client log on at CCASS_HARNESS_LINE or _SFTP',
        '未見任何登入，各項工作均未完成：請讓客戶端於 CCASS_HARNESS_LINE 或 _SFTP 登入',
      );
    case 'all refused':
      return say(
        'every row of it was refused, so nothing was input: correct what the lines above name',
        '其全部記錄均被拒收，並無任何輸入：請更正上述各項',
      );
    case null:
      return null;
  }
}

function logonWords({ service, channel, count, users }: Seen['logons'][number]): Said {
  const by = channel === null ? '' : say(' by {}', '（經 {}）', channel);
  return say(
    '{0} log-on{1} to {2}{3} ({4})',
    '{4} 登入 {2}{3} {0} 次',
    ...[count, count === 1 ? '' : 's', SERVICE_NAME[service], by, listed(users)],
  );
}

function enquiryWords({ enquiries }: Seen): Said[] {
  return (['ccass', 'orp'] as const)
    .filter((service) => enquiries[service] > 0)
    .map((service) => {
      const count = enquiries[service];
      return say(
        '{0} {2} at {1}',
        '{1} 查詢 {0} 次',
        count,
        SERVICE_NAME[service],
        count === 1 ? 'enquiry' : 'enquiries',
      );
    });
}

function downloadWords({ downloads }: Seen): Said[] {
  return (['ccass', 'rap'] as const).flatMap((service) => {
    const { whole, part } = downloads[service];
    if (whole + part === 0) return [];
    const inPart = part === 0 ? '' : say(', {} in part', '，另 {} 次只下載部分', part);
    const files = whole === 1 ? 'download' : 'downloads';
    const of = [whole, SERVICE_NAME[service], inPart, files];
    return [say('{0} whole {3} from {1}{2}', '由 {1} 完整下載 {0} 次{2}', ...of)];
  });
}

const ACT_WORDS: Readonly<Record<string, Words>> = {
  input: { en: 'typed SIs', zh: '輸入交收指示' },
  authorise: { en: 'authorised SIs', zh: '授權交收指示' },
  change: { en: 'changed SIs', zh: '更改交收指示' },
  delete: { en: 'deleted SIs', zh: '刪除交收指示' },
  revoke: { en: 'revoked SIs', zh: '撤銷交收指示' },
  hold: { en: 'held SIs', zh: '暫緩交收指示' },
  release: { en: 'released SIs', zh: '解除暫緩交收指示' },
  transfer: { en: 'account transfers', zh: '戶口轉移指示' },
};

function typedWords({ act, accepted, refused, reasons }: Typed): Words {
  const why = reasons.length === 0 ? '' : say(' ({})', '（{}）', listed(reasons.map(reasonWords)));
  return say(
    '{}: {} accepted, {} refused{}',
    '{}：接納 {} 項，拒收 {} 項{}',
    ...[ACT_WORDS[act] ?? act, accepted, refused, why],
  );
}

function batchLines({ batch, status, accepted, refused, fileFault, firstRefused }: SeenBatch): readonly Words[] {
  if (status === 'discarded') {
    const { code = '', line = 0 } = fileFault ?? {};
    const says = Object.entries<Words>(FILE_FAULTS).find(([name]) => name === code)?.[1] ?? '';
    return [
      say('batch {}: discarded, line {}: {}: {}', '批次 {}：不獲接納，第 {} 行：{}：{}', batch, line, code, says),
    ];
  }
  return [
    say('batch {}: {} accepted, {} refused', '批次 {}：接納 {} 項，拒收 {} 項', batch, accepted, refused),
    ...firstRefused.map(({ line, reference, reason }) =>
      say('  line {}, {}: {}', '  第 {} 行，{}：{}', line, reference, reasonWords(reason)),
    ),
  ];
}

function reasonWords(reason: string): Said {
  const says = ROW_REASON_LIST.find((one) => one.reason === reason)?.says;
  return says ? say('{}: {}', '{}：{}', reason, says) : reason;
}

function refusalWords({ what, service, code, count, says }: Refusals): Words {
  const name = Object.entries<Words>(OPERATION_WORDS).find(([operation]) => operation === what)?.[1];
  return say(
    'refused {0} {5}: {1}{2}, {3}: {4}',
    '被拒絕 {0} 次：{1}{2}，{3}：{4}',
    ...[count, service === null ? '' : `${SERVICE_NAME[service]} `, name ?? CONNECTION, code, says],
    count === 1 ? 'time' : 'times',
  );
}

const CONNECTION: Words = { en: 'connection', zh: '連線' };

const TASK_WORDS: Readonly<Record<Unseen['task'], Words>> = {
  'log-on': OPERATION_WORDS.logon,
  enquiries: OPERATION_WORDS.enquire,
  input: OPERATION_WORDS.input,
  upload: OPERATION_WORDS.upload,
  download: OPERATION_WORDS.download,
};

function unseenWords({ task, service, optional }: Unseen): Said {
  const ifNeeded = optional ? say(' (if needed)', '（如有需要）') : '';
  return say('{0} at {1}{2}', '{1} {0}{2}', TASK_WORDS[task], SERVICE_NAME[service], ifNeeded);
}
