import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { JOURNAL_KINDS, type JournalEntry } from '../../../src/domain/journal/journal.ts';
import { journalSentence } from '../../../src/domain/journal/sentences.ts';

/** The examples of docs/journal.md, which its own test holds against the shapes. */
const EXAMPLES = new Map(
  [...readFileSync('docs/journal.md', 'utf8').matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']) => {
    const entry = JSON.parse(json) as JournalEntry;
    return [entry.kind as string, entry];
  }),
);

// biome-ignore format: a table
const SENTENCES = [
  ['secured', "TLSv1.2 with 127.0.0.1 port 51234, ECDHE-ECDSA-AES256-GCM-SHA384", "與 127.0.0.1 埠 51234 建立 TLSv1.2，ECDHE-ECDSA-AES256-GCM-SHA384"],
  ['tls-refused', "TLS with 127.0.0.1 port 51240 failed (NO_COMMON_VERSION): The client offers TLS 1.3 only. Let the client offer TLS 1.2, the only version that the circular allows.", "與 127.0.0.1 埠 51240 的 TLS 握手失敗（NO_COMMON_VERSION）：客戶端只提供 TLS 1.3。請讓客戶端支援 TLS 1.2，通告只允許此版本。"],
  ['ssh-opened', "SSH with 127.0.0.1 port 51300, OpenSSH_9.6: curve25519-sha256, ecdsa-sha2-nistp256, aes128-gcm@openssh.com", "與 127.0.0.1 埠 51300 建立 SSH，OpenSSH_9.6：curve25519-sha256, ecdsa-sha2-nistp256, aes128-gcm@openssh.com"],
  ['closed', "127.0.0.1 port 51234 reset by the client after 7 requests, 4210 bytes in, 20190 out", "127.0.0.1 埠 51234 被客戶端重設；7 個請求，收 4210 字節，發 20190 字節"],
  ['answer', "enquiry stock-balances: 200, 12 rows, 1.4 ms", "查詢 stock-balances：200，12 行，1.4 毫秒"],
  ['refusal', "enquiry refused (SESSION_ENDED, switch): The active data centre changed. Log on again at the same address.", "查詢被拒（SESSION_ENDED，切換數據中心）：運作中的數據中心已切換。請於同一地址重新登入。"],
  ['logon', "logged on to CCASS by C3T with a password, release upgraded; client Java-http-client/17", "經 C3T 登入 CCASS（密碼），版本 upgraded；客戶端 Java-http-client/17"],
  ['logoff', "logged off", "已登出"],
  ['session-ended', "session b-12 ended: switch", "登入時段 b-12 已結束：切換數據中心"],
  ['upload', "ZSIUP01 2021-07-24 0001, 40960 bytes, received as U00000000001", "ZSIUP01 2021-07-24 0001，40960 字節，已收妥，編號 U00000000001"],
  ['batch', "batch U00000000001 processed: 199 accepted, 1 refused", "批次 U00000000001 已處理：接納 199，拒絕 1"],
  ['instruction', "settlement instructions, input by C3T: 1 accepted, 1 refused; D00000005, A-2 UNKNOWN_STOCK", "交收指示輸入，經 C3T：接納 1，拒絕 1；D00000005, A-2 UNKNOWN_STOCK"],
  ['transfer', "account transfers, input by C3T: 1 accepted, 0 refused; A00000001", "戶口轉移指示輸入，經 C3T：接納 1，拒絕 0；A00000001"],
  ['administration', "request about a user Q00000001: lock MAKER2", "用戶管理申請 Q00000001：lock MAKER2"],
  ['simulation', "simulation S00000001 done: Margin, access path C", "模擬 S00000001 完成：Margin，途徑 C"],
  ['report', "ZSICR01 2021-07-24 published: R00000001, 4096 bytes, answers batch U00000000001", "ZSICR01 2021-07-24 已發布：R00000001，4096 字節，回應批次 U00000000001"],
  ['open', "opened /INBOX/20210723/RMAMR03_B09901_20210723_1630_D.zip, 9000 bytes", "開啟 /INBOX/20210723/RMAMR03_B09901_20210723_1630_D.zip，9000 字節"],
  ['download', "sent /INBOX/20210723/RMAMR03_B09901_20210723_1630_D.zip, whole, 9000 bytes, then closed", "傳送 /INBOX/20210723/RMAMR03_B09901_20210723_1630_D.zip，全檔 9000 字節，隨後關閉"],
  ['broadcast', "broadcast N000001: Test", "廣播訊息 N000001：測試"],
  ['start', "harness 0.1.0 started; rehearsal 2021-07-24, seed 7", "測試系統 0.1.0 已啟動；演習 2021-07-24，種子 7"],
  ['window', "Session 1 opened, release upgraded", "時段 1：開始，版本 upgraded"],
  ['clock', "clock moved from 2021-07-24 16:25:00 HKT to 2021-07-24 16:30:00 HKT, frozen; 3 events fell due", "時鐘由 2021-07-24 16:25:00 HKT 移至 2021-07-24 16:30:00 HKT，已停住；3 項事件到時執行"],
  ['run', "run settlement 10:30 of 2021-07-26 done: due 12, settled 10, waiting 2", "2021-07-26 的處理程序 settlement 10:30 完成：due 12, settled 10, waiting 2"],
  ['reset', "reset to the start of the run; a new attempt begins", "已重設至起始狀態；新一次嘗試開始"],
  ['snapshot', "snapshot before-upload taken at 2021-07-24 16:30:00 HKT", "已於 2021-07-24 16:30:00 HKT 建立快照 before-upload"],
  ['restore', "snapshot before-upload of 2021-07-24 16:30:00 HKT restored; a new attempt begins", "已還原 2021-07-24 16:30:00 HKT 的快照 before-upload；新一次嘗試開始"],
  ['trades', "40 trades entered", "輸入 40 宗買賣"],
  ['registration', "registered for rehearsal 2021-07-24", "已登記參加演習 2021-07-24"],
  ['switch', "switched from the primary centre to the backup centre by cut; 9 changes lost", "由主數據中心切換至後備數據中心（cut）；遺失 9 項更改"],
  ['admits', "admits requests from now on", "由現在起接受請求"],
  ['loss', "lost: instruction D00000005, reference A-1", "遺失：交收指示 D00000005，參考編號 A-1"],
  ['healed', "books/primary/changes.sqlite was damaged, set aside as books/primary/changes.sqlite.damaged-1 and restored from the backup centre", "books/primary/changes.sqlite 已損壞，改名為 books/primary/changes.sqlite.damaged-1，並由後備數據中心復原"],
  ['error', "error of the harness: the alarm \"settlement 10:30\" failed: Error: no space left on device", "測試系統本身出錯：the alarm \"settlement 10:30\" failed：Error: no space left on device"],
  ['gap', "entries 1201 to 1890 could not be kept: Error: ENOSPC: no space left on device, write", "未能保存記錄 1201 至 1890：Error: ENOSPC: no space left on device, write"],
] as const;

// biome-ignore format: a table
const VARIANTS: readonly (readonly [string, object, string, string])[] = [
  ['start', {"recovered":["the books are at 1:9"]}, "harness 0.1.0 started; rehearsal 2021-07-24, seed 7; the books are at 1:9", "測試系統 0.1.0 已啟動；演習 2021-07-24，種子 7；the books are at 1:9"],
  ['window', {"event":"closed"}, "Session 1 closed, release upgraded", "時段 1：結束，版本 upgraded"],
  ['clock', {"from":1627115400000,"mode":"running","rate":60,"fired":1}, "clock at 2021-07-24 16:30:00 HKT, running at rate 60; 1 event fell due", "時鐘為 2021-07-24 16:30:00 HKT，運行，速率 60；1 項事件到時執行"],
  ['run', {"percent":25,"done":undefined}, "run settlement 10:30 of 2021-07-26 25 %", "2021-07-26 的處理程序 settlement 10:30 25 %"],
  ['run', {"tables":["holding"],"availableAt":1627115400000}, "run settlement 10:30 of 2021-07-26 done: due 12, settled 10, waiting 2, holding; available from 2021-07-24 16:30 HKT", "2021-07-26 的處理程序 settlement 10:30 完成：due 12, settled 10, waiting 2, holding；可供查閱：2021-07-24 16:30 HKT"],
  ['trades', {"trades":1}, "1 trade entered", "輸入 1 宗買賣"],
  ['registration', {"registered":false}, "removed from rehearsal 2021-07-24", "不再參加演習 2021-07-24"],
  ['registration', {"warnings":[{"en":"It is late.","zh":"已過期限。"}]}, "registered for rehearsal 2021-07-24; It is late.", "已登記參加演習 2021-07-24；已過期限。"],
  ['switch', {"mode":"drain","lost":{"changes":0,"batches":0,"instructions":0,"transfers":0,"reports":0,"userRequests":0}}, "switched from the primary centre to the backup centre by drain; nothing lost", "由主數據中心切換至後備數據中心（drain）；並無遺失"],
  ['switch', {"lost":{"changes":1,"batches":0,"instructions":1,"transfers":0,"reports":0,"userRequests":0}}, "switched from the primary centre to the backup centre by cut; 1 change lost", "由主數據中心切換至後備數據中心（cut）；遺失 1 項更改"],
  ['loss', {"what":"report","id":"R00000001","reference":undefined}, "lost: report R00000001", "遺失：報表 R00000001"],
  ['secured', {"resumed":true}, "TLSv1.2 with 127.0.0.1 port 51234, ECDHE-ECDSA-AES256-GCM-SHA384, resumed", "與 127.0.0.1 埠 51234 建立 TLSv1.2，ECDHE-ECDSA-AES256-GCM-SHA384，沿用先前的連接"],
  ['closed', {"how":"refused","code":"NO_COMMON_ALGORITHM","cause":{"en":"It offers ssh-rsa alone.","zh":"只提供 ssh-rsa。"},"remedy":{"en":"Offer ECDSA.","zh":"請提供 ECDSA。"},"requests":1}, "127.0.0.1 port 51234 refused, NO_COMMON_ALGORITHM after 1 request, 4210 bytes in, 20190 out - It offers ssh-rsa alone. Offer ECDSA.", "127.0.0.1 埠 51234 被拒，NO_COMMON_ALGORITHM；1 個請求，收 4210 字節，發 20190 字節 - 只提供 ssh-rsa。 請提供 ECDSA。"],
  ['closed', {"how":"turned-away","code":"TOO_MANY_CONNECTIONS","cause":{"en":"Too many.","zh":"過多。"}}, "127.0.0.1 port 51234 turned away, TOO_MANY_CONNECTIONS after 7 requests, 4210 bytes in, 20190 out - Too many.", "127.0.0.1 埠 51234 因超出上限而不獲接納，TOO_MANY_CONNECTIONS；7 個請求，收 4210 字節，發 20190 字節 - 過多。"],
  ['answer', {"operation":"download","what":"reports","about":"R00000001","rows":1,"status":undefined,"sent":"none"}, "report download reports R00000001: answered, 1 row, not sent, 1.4 ms", "下載報表 reports R00000001：已回應，1 行，未有發出，1.4 毫秒"],
  ['answer', {"operation":"unknown","what":undefined,"rows":undefined,"status":404,"code":"NOT_FOUND","sent":"part"}, "unknown route: 404 NOT_FOUND, sent in part, 1.4 ms", "未知路徑：404 NOT_FOUND，只發出部分，1.4 毫秒"],
  ['refusal', {"operation":"upload","what":"batches","code":"STORAGE_FULL","why":undefined}, "batch upload batches refused (STORAGE_FULL): The active data centre changed. Log on again at the same address.", "批量上載 batches被拒（STORAGE_FULL）：運作中的數據中心已切換。請於同一地址重新登入。"],
  ['logon', {"channel":undefined,"credential":"key","userAgent":"","takeOver":true,"warnings":[{"en":"Windows 8 ends.","zh":"Windows 8 將終止。"}]}, "logged on to CCASS with a key, release upgraded, ending another session; client unnamed; Windows 8 ends.", "登入 CCASS（密鑰），版本 upgraded，並結束另一登入時段；客戶端 （沒有名稱）；Windows 8 將終止。"],
  ['upload', {"repeat":true}, "ZSIUP01 2021-07-24 0001, 40960 bytes, already received as U00000000001", "ZSIUP01 2021-07-24 0001，40960 字節，早前已收妥，編號 U00000000001"],
  ['batch', {"status":"discarded","fileFault":{"code":"HASH_TOTAL","line":9,"got":"7","expected":"8"}}, "batch U00000000001 discarded: HASH_TOTAL at line 9, got \"7\", expected 8", "批次 U00000000001 不獲接納：第 9 行 HASH_TOTAL，得到「7」，應為 8"],
  ['instruction', {"act":"hold","channel":undefined,"rows":[{"number":"1"},{"number":"2"},{"number":"3"},{"number":"4"}]}, "settlement instructions, hold: 1 accepted, 1 refused; 1, 2, 3 ...", "交收指示暫緩：接納 1，拒絕 1；1, 2, 3 ..."],
  ['transfer', {"rows":[{"reason":"UNKNOWN_STOCK"}]}, "account transfers, input by C3T: 1 accepted, 0 refused; - UNKNOWN_STOCK", "戶口轉移指示輸入，經 C3T：接納 1，拒絕 0；- UNKNOWN_STOCK"],
  ['administration', {"what":"key-registered","number":undefined,"act":undefined,"about":undefined,"fingerprint":"SHA256:abc"}, "RAP key registered SHA256:abc", "已登記 RAP 密鑰 SHA256:abc"],
  ['report', {"what":"user-published","report":undefined,"batch":undefined,"fileName":"x.zip"}, "ZSICR01 2021-07-24 published from a user-supplied file: x.zip, 4096 bytes", "ZSICR01 2021-07-24 以用戶提供的檔案發布：x.zip，4096 字節"],
  ['report', {"what":"too-wide","reason":{"en":"The balance is too wide.","zh":"結餘過長。"}}, "ZSICR01 2021-07-24 printed with asterisks: R00000001, 4096 bytes, answers batch U00000000001. The balance is too wide.", "ZSICR01 2021-07-24 以星號列印：R00000001，4096 字節，回應批次 U00000000001。結餘過長。"],
  ['report', {"what":"user-withdrawn","businessDate":undefined,"report":undefined,"fileName":undefined,"batch":undefined}, "ZSICR01  withdrawn: ZSICR01, 4096 bytes", "ZSICR01  已撤回：ZSICR01，4096 字節"],
  ['open', {"control":"missing"}, "opened /INBOX/20210723/RMAMR03_B09901_20210723_1630_D.zip, 9000 bytes; its control file is not published yet", "開啟 /INBOX/20210723/RMAMR03_B09901_20210723_1630_D.zip，9000 字節；控制檔案尚未發布"],
  ['download', {"path":undefined,"whole":false,"bytes":10,"ended":"gone"}, "sent RMAMR03_B09901_20210723_1630_D.zip, 10 of 9000 bytes, then the client went away", "傳送 RMAMR03_B09901_20210723_1630_D.zip，9000 字節中的 10 字節，客戶端其後離開"],
  ['healed', {"setAside":undefined,"from":undefined}, "books/primary/changes.sqlite was missing and restored from its copy", "books/primary/changes.sqlite 不見了，並由其副本復原"],
];

describe('entries of the journal as sentences', () => {
  test.each(SENTENCES)('%s', (kind, en, zh) => {
    const entry = EXAMPLES.get(kind);
    if (!entry) throw new Error(`docs/journal.md has no example of ${kind}`);
    expect(journalSentence(entry)).toEqual({ en, zh });
  });

  test.each(VARIANTS)('%s with %j', (kind, detail, en, zh) => {
    const entry = EXAMPLES.get(kind);
    if (!entry) throw new Error(`docs/journal.md has no example of ${kind}`);
    expect(journalSentence({ ...entry, detail: { ...entry.detail, ...detail } } as JournalEntry)).toEqual({ en, zh });
  });

  test('every kind is among them', () => {
    expect(SENTENCES.map(([kind]) => kind).toSorted()).toEqual(JOURNAL_KINDS.toSorted());
  });
});
