import { formatHkt } from '../calendar/calendar.ts';
import { CENTRE_WORDS, OPERATION_WORDS, serviceWords } from '../calendar/timetable-words.ts';
import type { Words } from '../nouns/market.ts';
import type { EntryOf, JournalDetails, JournalEntry, JournalKind } from './journal.ts';
import type { JournalOperation, SESSION_WHYS } from './kinds/requests.ts';

/**
 * What an entry says, as a sentence in both languages. It leaves out what the head says: number, time, centre, participant, user.
 * Texts that a client chose are in it as they came.
 */
export function journalSentence(entry: JournalEntry): Words {
  const sentence = SENTENCES[entry.kind] as (detail: JournalEntry['detail'], entry: JournalEntry) => Words;
  return sentence(entry.detail, entry);
}

type Sentences = { readonly [K in JournalKind]: (detail: JournalDetails[K], entry: EntryOf<K>) => Words };

const SENTENCES: Sentences = {
  start: ({ version, rehearsal, seed, recovered = [] }) => ({
    en: [`harness ${version} started; rehearsal ${rehearsal}, seed ${seed}`, ...recovered].join('; '),
    zh: [`測試系統 ${version} 已啟動；演習 ${rehearsal}，種子 ${seed}`, ...recovered].join('；'),
  }),
  window: ({ name, event, release }) => ({
    en: `${name.en} ${event}, release ${release}`,
    zh: `${name.zh}：${event === 'opened' ? '開始' : '結束'}，版本 ${release}`,
  }),
  clock: ({ from, to, mode, rate, fired }) => ({
    en: `clock ${from === to ? 'at' : `moved from ${formatHkt(from, 'seconds')} to`} ${formatHkt(to, 'seconds')}, ${mode}${mode === 'running' ? ` at rate ${rate}` : ''}; ${several(fired, 'event')} fell due`,
    zh: `時鐘${from === to ? '為' : `由 ${formatHkt(from, 'seconds')} 移至`} ${formatHkt(to, 'seconds')}，${mode === 'running' ? `運行，速率 ${rate}` : '已停住'}；${fired} 項事件到時執行`,
  }),
  run: ({ run, date, done = {}, percent, tables = [], availableAt }) => {
    const counts = [...Object.entries(done).map(([name, count]) => `${name} ${count}`), ...tables].join(', ');
    const later = availableAt === undefined ? null : formatHkt(availableAt);
    return {
      en: `run ${run} of ${date} ${percent === undefined ? 'done' : `${percent} %`}${tail(counts, ': ')}${tail(later, '; available from ')}`,
      zh: `${date} 的處理程序 ${run} ${percent === undefined ? '完成' : `${percent} %`}${tail(counts, '：')}${tail(later, '；可供查閱：')}`,
    };
  },
  reset: () => ({ en: 'reset to the start of the run; a new attempt begins', zh: '已重設至起始狀態；新一次嘗試開始' }),
  snapshot: ({ name, marketTime }) => ({
    en: `snapshot ${name} taken at ${formatHkt(marketTime, 'seconds')}`,
    zh: `已於 ${formatHkt(marketTime, 'seconds')} 建立快照 ${name}`,
  }),
  restore: ({ name, marketTime }) => ({
    en: `snapshot ${name} of ${formatHkt(marketTime, 'seconds')} restored; a new attempt begins`,
    zh: `已還原 ${formatHkt(marketTime, 'seconds')} 的快照 ${name}；新一次嘗試開始`,
  }),
  trades: ({ trades }) => ({ en: `${several(trades, 'trade')} entered`, zh: `輸入 ${trades} 宗買賣` }),
  registration: ({ registered, rehearsal, warnings = [] }) => ({
    en: `${registered ? 'registered for' : 'removed from'} rehearsal ${rehearsal}${warnings.map(({ en }) => `; ${en}`).join('')}`,
    zh: `${registered ? '已登記參加' : '不再參加'}演習 ${rehearsal}${warnings.map(({ zh }) => `；${zh}`).join('')}`,
  }),
  broadcast: ({ number, subject }) => ({
    en: `broadcast ${number}: ${subject.en}`,
    zh: `廣播訊息 ${number}：${subject.zh}`,
  }),
  switch: ({ from, to, mode, lost }) => ({
    en: `switched from ${CENTRE_WORDS[from].en} to ${CENTRE_WORDS[to].en} by ${mode}; ${lost.changes === 0 ? 'nothing lost' : `${several(lost.changes, 'change')} lost`}`,
    zh: `由${CENTRE_WORDS[from].zh}切換至${CENTRE_WORDS[to].zh}（${mode}）；${lost.changes === 0 ? '並無遺失' : `遺失 ${lost.changes} 項更改`}`,
  }),
  admits: () => ({ en: 'admits requests from now on', zh: '由現在起接受請求' }),
  loss: ({ what, id, reference }) => ({
    en: `lost: ${what} ${id}${tail(reference, ', reference ')}`,
    zh: `遺失：${LOST[what]} ${id}${tail(reference, '，參考編號 ')}`,
  }),
  secured: ({ address, port, version, cipher, resumed }) => ({
    en: `${version} with ${address} port ${port}, ${cipher}${resumed ? ', resumed' : ''}`,
    zh: `與 ${address} 埠 ${port} 建立 ${version}，${cipher}${resumed ? '，沿用先前的連接' : ''}`,
  }),
  'tls-refused': ({ address, port, code, cause, remedy }) => ({
    en: `TLS with ${address} port ${port} failed (${code}): ${cause.en} ${remedy.en}`,
    zh: `與 ${address} 埠 ${port} 的 TLS 握手失敗（${code}）：${cause.zh}${remedy.zh}`,
  }),
  'ssh-opened': ({ address, port, software, agreed }) => ({
    en: `SSH with ${address} port ${port}, ${software}: ${agreed.kex}, ${agreed.hostKey}, ${agreed.cipher}`,
    zh: `與 ${address} 埠 ${port} 建立 SSH，${software}：${agreed.kex}, ${agreed.hostKey}, ${agreed.cipher}`,
  }),
  closed: ({ address, port, how, code, cause, remedy, requests, bytesIn, bytesOut }) => ({
    en: `${address} port ${port} ${HOW_CLOSED[how].en}${tail(code, ', ')} after ${several(requests, 'request')}, ${bytesIn} bytes in, ${bytesOut} out${advice(cause?.en, remedy?.en)}`,
    zh: `${address} 埠 ${port} ${HOW_CLOSED[how].zh}${tail(code, '，')}；${requests} 個請求，收 ${bytesIn} 字節，發 ${bytesOut} 字節${advice(cause?.zh, remedy?.zh)}`,
  }),
  answer: ({ operation, what, about, rows, status, code, sent, ms }) => {
    const result = [status, code].filter((part) => part !== undefined).join(' ');
    const subject = [what, about].filter((part) => part !== undefined).join(' ');
    return {
      en: `${OPERATION_NAMES[operation].en}${tail(subject, ' ')}: ${result || 'answered'}${rows === undefined ? '' : `, ${several(rows, 'row')}`}${SENT[sent].en}, ${ms} ms`,
      zh: `${OPERATION_NAMES[operation].zh}${tail(subject, ' ')}：${result || '已回應'}${rows === undefined ? '' : `，${rows} 行`}${SENT[sent].zh}，${ms} 毫秒`,
    };
  },
  refusal: ({ operation, what, code, says, why }) => ({
    en: `${OPERATION_NAMES[operation].en}${tail(what, ' ')} refused (${code}${why === undefined ? '' : `, ${why}`}): ${says.en}`,
    zh: `${OPERATION_NAMES[operation].zh}${tail(what, ' ')}被拒（${code}${why === undefined ? '' : `，${ENDED[why]}`}）：${says.zh}`,
  }),
  logon: ({ channel, credential, userAgent, takeOver, release, warnings }, { service, at }) => ({
    en: `logged on to ${service === null ? '' : serviceWords(service, at).en}${tail(channel, ' by ')} with a ${credential}, release ${release}${takeOver ? ', ending another session' : ''}; client ${userAgent || 'unnamed'}${warnings.map(({ en }) => `; ${en}`).join('')}`,
    zh: `${channel === undefined ? '' : `經 ${channel} `}登入 ${service === null ? '' : serviceWords(service, at).zh}（${credential === 'key' ? '密鑰' : '密碼'}），版本 ${release}${takeOver ? '，並結束另一登入時段' : ''}；客戶端 ${userAgent || '（沒有名稱）'}${warnings.map(({ zh }) => `；${zh}`).join('')}`,
  }),
  logoff: () => ({ en: 'logged off', zh: '已登出' }),
  'session-ended': ({ why }, { session }) => ({
    en: `session ${session} ended: ${why}`,
    zh: `登入時段 ${session} 已結束：${ENDED[why]}`,
  }),
  upload: ({ batch, fileId, sequence, businessDate, sizeBytes, repeat }) => ({
    en: `${fileId} ${businessDate} ${sequence}, ${sizeBytes} bytes, ${repeat ? `already received as ${batch}` : `received as ${batch}`}`,
    zh: `${fileId} ${businessDate} ${sequence}，${sizeBytes} 字節，${repeat ? `早前已收妥，編號 ${batch}` : `已收妥，編號 ${batch}`}`,
  }),
  batch: ({ batch, status, accepted, refused, fileFault }) => ({
    en: `batch ${batch} ${status}${fileFault ? `: ${fileFault.code} at line ${fileFault.line}, got "${fileFault.got}", expected ${fileFault.expected}` : `: ${accepted} accepted, ${refused} refused`}`,
    zh: `批次 ${batch} ${status === 'processed' ? '已處理' : '不獲接納'}${fileFault ? `：第 ${fileFault.line} 行 ${fileFault.code}，得到「${fileFault.got}」，應為 ${fileFault.expected}` : `：接納 ${accepted}，拒絕 ${refused}`}`,
  }),
  instruction: ({ act, channel, accepted, refused, rows }) => ({
    en: `settlement instructions, ${act}${tail(channel, ' by ')}: ${accepted} accepted, ${refused} refused${tail(numbersIn(rows), '; ')}`,
    zh: `交收指示${ACTS[act]}${tail(channel, '，經 ')}：接納 ${accepted}，拒絕 ${refused}${tail(numbersIn(rows), '；')}`,
  }),
  transfer: ({ channel, accepted, refused, rows }) => ({
    en: `account transfers, input${tail(channel, ' by ')}: ${accepted} accepted, ${refused} refused${tail(numbersIn(rows), '; ')}`,
    zh: `戶口轉移指示輸入${tail(channel, '，經 ')}：接納 ${accepted}，拒絕 ${refused}${tail(numbersIn(rows), '；')}`,
  }),
  administration: ({ what, act, about, number, fingerprint }) => ({
    en: `${ADMINISTRATION[what].en}${tail(number, ' ')}${tail(act, ': ')}${tail(about, ' ')}${tail(fingerprint, ' ')}`,
    zh: `${ADMINISTRATION[what].zh}${tail(number, ' ')}${tail(act, '：')}${tail(about, ' ')}${tail(fingerprint, ' ')}`,
  }),
  simulation: ({ reference, what, path, type }) => ({
    en: `simulation ${reference} ${what}: ${type}, access path ${path}`,
    zh: `模擬 ${reference} ${SIMULATED[what]}：${type}，途徑 ${path}`,
  }),
  report: ({ what, id, businessDate, fileName, report, sizeBytes, batch, reason }) => ({
    en: `${id} ${businessDate ?? ''} ${REPORTED[what].en}: ${fileName ?? report ?? id}, ${sizeBytes} bytes${tail(batch, ', answers batch ')}${tail(reason?.en, '. ')}`,
    zh: `${id} ${businessDate ?? ''} ${REPORTED[what].zh}：${fileName ?? report ?? id}，${sizeBytes} 字節${tail(batch, '，回應批次 ')}${tail(reason?.zh, '。')}`,
  }),
  open: ({ path, sizeBytes, control }) => ({
    en: `opened ${path}, ${sizeBytes} bytes${control === 'missing' ? '; its control file is not published yet' : ''}`,
    zh: `開啟 ${path}，${sizeBytes} 字節${control === 'missing' ? '；控制檔案尚未發布' : ''}`,
  }),
  download: ({ path, fileName, bytes, sizeBytes, whole, ended }) => ({
    en: `sent ${path ?? fileName}, ${whole ? `whole, ${bytes} bytes` : `${bytes} of ${sizeBytes} bytes`}, ${DOWNLOADED[ended].en}`,
    zh: `傳送 ${path ?? fileName}，${whole ? `全檔 ${bytes} 字節` : `${sizeBytes} 字節中的 ${bytes} 字節`}，${DOWNLOADED[ended].zh}`,
  }),
  healed: ({ file, setAside, from }) => ({
    en: `${file} was ${setAside === undefined ? 'missing' : `damaged, set aside as ${setAside}`} and restored from ${from === undefined ? 'its copy' : CENTRE_WORDS[from].en}`,
    zh: `${file} ${setAside === undefined ? '不見了' : `已損壞，改名為 ${setAside}`}，並由${from === undefined ? '其副本' : CENTRE_WORDS[from].zh}復原`,
  }),
  error: ({ what, says }) => ({
    en: `error of the harness: ${what}: ${says}`,
    zh: `測試系統本身出錯：${what}：${says}`,
  }),
  gap: ({ from, to, says }) => ({
    en: `entries ${from} to ${to} could not be kept: ${says}`,
    zh: `未能保存記錄 ${from} 至 ${to}：${says}`,
  }),
};

const LOST: Readonly<Record<JournalDetails['loss']['what'], string>> = {
  batch: '批次',
  instruction: '交收指示',
  transfer: '戶口轉移指示',
  report: '報表',
  'user-request': '用戶管理申請',
};

const HOW_CLOSED: Readonly<Record<JournalDetails['closed']['how'], Words>> = {
  closed: { en: 'closed', zh: '已關閉' },
  reset: { en: 'reset by the client', zh: '被客戶端重設' },
  cut: { en: 'cut by a switch', zh: '因切換而中斷' },
  drained: { en: 'closed by a switch once it was idle', zh: '閒置後因切換而關閉' },
  idle: { en: 'closed because it was idle', zh: '因閒置而關閉' },
  refused: { en: 'refused', zh: '被拒' },
  'turned-away': { en: 'turned away', zh: '因超出上限而不獲接納' },
};

const SENT: Readonly<Record<JournalDetails['answer']['sent'], Words>> = {
  all: { en: '', zh: '' },
  part: { en: ', sent in part', zh: '，只發出部分' },
  none: { en: ', not sent', zh: '，未有發出' },
};

const ENDED: Readonly<Record<(typeof SESSION_WHYS)[number], string>> = {
  idle: '閒置過久',
  'taken-over': '由另一登入取代',
  switch: '切換數據中心',
  'roll-back': '演習後還原',
  reset: '重設',
  administrator: '由委託管理人結束',
  'log-off': '已登出',
  unknown: '原因不明',
};

const ACTS: Readonly<Record<JournalDetails['instruction']['act'], string>> = {
  input: '輸入',
  authorise: '授權',
  change: '更改',
  delete: '刪除',
  revoke: '撤銷',
  hold: '暫緩',
  release: '解除暫緩',
  'auto-counterparty': '由測試系統代輸入對手方指示',
};

const ADMINISTRATION: Readonly<Record<JournalDetails['administration']['what'], Words>> = {
  request: { en: 'request about a user', zh: '用戶管理申請' },
  'authorisation-code': { en: 'authorisation code issued', zh: '已發出授權碼' },
  authorise: { en: 'request authorised', zh: '申請已獲授權' },
  'key-registered': { en: 'RAP key registered', zh: '已登記 RAP 密鑰' },
  'key-withdrawn': { en: 'RAP key withdrawn', zh: '已撤回 RAP 密鑰' },
};

const SIMULATED: Readonly<Record<JournalDetails['simulation']['what'], string>> = {
  requested: '已提出',
  done: '完成',
  failed: '失敗',
  cancelled: '已取消',
  removed: '已移除',
};

const REPORTED: Readonly<Record<JournalDetails['report']['what'], Words>> = {
  published: { en: 'published', zh: '已發布' },
  'user-published': { en: 'published from a user-supplied file', zh: '以用戶提供的檔案發布' },
  'user-withdrawn': { en: 'withdrawn', zh: '已撤回' },
  'not-made': { en: 'not made', zh: '並未製作' },
  'too-wide': { en: 'printed with asterisks', zh: '以星號列印' },
};

const DOWNLOADED: Readonly<Record<JournalDetails['download']['ended'], Words>> = {
  'closed-by-client': { en: 'then closed', zh: '隨後關閉' },
  gone: { en: 'then the client went away', zh: '客戶端其後離開' },
  cut: { en: 'then cut by a switch', zh: '其後因切換而中斷' },
};

const OPERATION_NAMES: Readonly<Record<JournalOperation, Words>> = {
  ...OPERATION_WORDS,
  enquire: { en: 'enquiry', zh: '查詢' },
  broadcasts: { en: 'broadcasts', zh: '廣播訊息' },
  reports: { en: 'report list', zh: '報表清單' },
  unknown: { en: 'unknown route', zh: '未知路徑' },
  unreadable: { en: 'unreadable request', zh: '無法讀取的請求' },
  unsupported: { en: 'unsupported request', zh: '不支援的請求' },
};

/** The first numbers or reasons of rows, so that a line stays a line. */
function numbersIn(rows: JournalDetails['instruction']['rows']): string {
  const MOST = 3;
  const shown = rows.slice(0, MOST).map(({ number, reference, reason }) => {
    const name = number ?? reference ?? '-';
    return reason === undefined ? name : `${name} ${reason}`;
  });
  return shown.join(', ') + (rows.length > MOST ? ' ...' : '');
}

function several(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}

/** The text after its lead; empty if there is no text. */
function tail(text: string | null | undefined, lead: string): string {
  return text === null || text === undefined || text === '' ? '' : `${lead}${text}`;
}

function advice(cause: string | undefined, remedy: string | undefined): string {
  return cause === undefined ? '' : ` - ${[cause, remedy].filter(Boolean).join(' ')}`;
}
