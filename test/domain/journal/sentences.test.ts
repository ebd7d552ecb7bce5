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
  ['trades', "40 trades entered", "輸入 40 宗買賣"],
  ['registration', "registered for rehearsal 2021-07-24", "已登記參加演習 2021-07-24"],
  ['switch', "switched from the primary centre to the backup centre by cut; 9 changes lost", "由主數據中心切換至後備數據中心（cut）；遺失 9 項更改"],
  ['admits', "admits requests from now on", "由現在起接受請求"],
  ['loss', "lost: instruction D00000005, reference A-1", "遺失：交收指示 D00000005，參考編號 A-1"],
  ['healed', "books/primary/changes.sqlite was damaged, set aside as books/primary/changes.sqlite.damaged-1 and restored from the backup centre", "books/primary/changes.sqlite 已損壞，改名為 books/primary/changes.sqlite.damaged-1，並由後備數據中心復原"],
  ['error', "error of the harness: the alarm \"settlement 10:30\" failed: Error: no space left on device", "測試系統本身出錯：the alarm \"settlement 10:30\" failed：Error: no space left on device"],
  ['gap', "entries 1201 to 1890 could not be kept: Error: ENOSPC: no space left on device, write", "未能保存記錄 1201 至 1890：Error: ENOSPC: no space left on device, write"],
] as const;

describe('entries of the journal as sentences', () => {
  test.each(SENTENCES)('%s', (kind, en, zh) => {
    const entry = EXAMPLES.get(kind);
    if (!entry) throw new Error(`docs/journal.md has no example of ${kind}`);
    expect(journalSentence(entry)).toEqual({ en, zh });
  });

  test('every kind is among them', () => {
    expect(SENTENCES.map(([kind]) => kind).toSorted()).toEqual(JOURNAL_KINDS.toSorted());
  });
});
