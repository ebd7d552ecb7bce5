import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { loadCertificates } from '../../src/centre/tls/certificates.ts';
import { ConnectionCut } from '../../src/client/exchange.ts';
import { participant } from '../../src/client/participant.ts';
import { answerOf, batchFile, granted, layouts, maker, outcome, rehearsalDay } from '../support/circular-day.ts';
import { cuttingProxy } from '../support/cutting-proxy.ts';

const MONDAY = { rehearsal: 'always-open', at: Date.parse('2021-07-26T10:00:00+08:00') } as const;
const file = () => batchFile('2021-07-26', '2021-07-27', { rows: 3 });

describe('the reference participant', () => {
  it('calls every verb and says which centre answered', async () => {
    await using day = await rehearsalDay(MONDAY);
    const client = day.tooling();
    const on = await client.logOn(maker('B09901', { newPassword: 'Another-2021' }));
    expect(on).toMatchObject({ ok: true, status: 201, code: null, centre: 'primary', attempts: 1 });
    expect(on.certificate).toMatch(/^primary /);
    expect(answerOf(await client.centre())).toMatchObject({ centre: 'primary', active: true });
    expect(answerOf(await client.profile())).toMatchObject({ participant: { id: 'B09901' }, user: { id: 'MAKER01' } });
    expect(answerOf(await client.broadcasts())).toEqual([]);

    const batch = answerOf(await client.uploadBatch(file()));
    const done = answerOf(
      await client.waitForBatch(batch.reference, async () => void granted(await day.control.clock({ advanceMs: 0 }))),
    );
    expect(done).toMatchObject({ status: 'processed', accepted: 3, refused: 0 });
    expect(answerOf(await client.batches())).toMatchObject([{ reference: batch.reference }]);

    const inPages = answerOf(await client.stockBalances(2));
    const atOnce = answerOf(await client.stockBalances(1000));
    expect(inPages.rows).toEqual(atOnce.rows);
    expect([inPages.pages, atOnce.pages]).toEqual([Math.ceil(atOnce.rows.length / 2), 1]);
    const due = answerOf(await client.duePositions());
    expect(due.length).toBeGreaterThan(1);
    expect(answerOf(await client.duePositions({}, 1))).toEqual(due);
    const instructions = answerOf(await client.settlementInstructions(1));
    expect(instructions.pages).toBe(3);
    expect(instructions.rows.map((row) => row.batch)).toEqual(Array(3).fill(batch.reference));

    expect(outcome(await client.logOff())).toBe('204');
    expect(outcome(await client.profile())).toBe('401 SESSION_ENDED');
  });

  it('downloads a report whole and verified, or a part of it', async () => {
    await using day = await rehearsalDay(MONDAY);
    const client = day.tooling();
    answerOf(await client.logOn(maker('B09901')));
    const rows = answerOf(await client.reports({ id: 'ZSBAL01', businessDate: '2021-07-23' }));
    const data = rows.find((row) => row.format === 'data');
    const text = rows.find((row) => row.format === 'text');
    if (!data || !text) throw new Error('Friday has a statement in two formats');

    const whole = answerOf(await client.download(data.reference));
    expect(whole).toMatchObject({ fileName: data.fileName, whole: true, fault: null });
    expect(whole.records?.header).toMatchObject({ participant: 'B09901', businessDate: '2021-07-23' });
    expect(whole.records?.details).toHaveLength(answerOf(await client.stockBalances()).rows.length);
    expect(answerOf(await client.download(text.reference))).toMatchObject({ whole: true, fault: null, records: null });

    const tail = answerOf(await client.download(data.reference, { range: '100-' }));
    expect(tail).toMatchObject({ whole: false, fault: null, records: null });
    expect(tail.bytes.equals(whole.bytes.subarray(100))).toBe(true);
    expect(outcome(await client.download(data.reference, { range: '99999999-' }))).toBe('416 RANGE_NOT_SATISFIABLE');
    expect(outcome(await client.download('R99999999'))).toBe('404 NOT_FOUND');
  });

  it('gives refusals as values, in both languages (NOT_OPEN)', async () => {
    await using day = await rehearsalDay();
    const refused = await day.tooling({ language: 'zh-Hant' }).logOn(maker('B09901'));
    expect(refused).toMatchObject({ ok: false, status: 423, code: 'NOT_OPEN', centre: 'primary' });
    if (refused.ok) throw new Error('it was refused');
    expect(refused.refusal.retryAt).toBe(Date.parse('2021-07-24T16:30:00+08:00'));
    expect(refused.refusal.detail.zh).toContain('後備數據中心');
  });

  it('gets another certificate at the same address after a fail-over, and logs on again (SESSION_ENDED)', async () => {
    await using day = await rehearsalDay(MONDAY);
    const client = day.tooling();
    answerOf(await client.logOn(maker('B09901')));
    granted(await day.control.failover({ to: 'backup', mode: 'cut' }));
    const late = await client.profile();
    expect([outcome(late), late.centre]).toEqual(['401 SESSION_ENDED', 'backup']);
    expect(late.certificate).toMatch(/^backup /);
    answerOf(await client.logOn(maker('B09901')));
    expect(answerOf(await client.profile()).participant.id).toBe('B09901');
  });

  it('polls the status of a batch a bounded number of times', async () => {
    await using day = await rehearsalDay(MONDAY);
    const client = day.tooling();
    answerOf(await client.logOn(maker('B09901')));
    let pauses = 0;
    const pause = async () => void pauses++;
    expect(outcome(await client.waitForBatch('U99999999999', pause))).toBe('404 NOT_FOUND');
    const { reference } = answerOf(await client.uploadBatch(batchFile('2021-07-26', '2021-07-27', { rows: 40_000 })));
    expect(answerOf(await client.waitForBatch(reference, pause, 3)).status).not.toBe('discarded');
    expect(pauses).toBeLessThanOrEqual(2);
  });

  it('trusts no CA but its own', async () => {
    await using day = await rehearsalDay();
    const { ca } = await loadCertificates({ dir: 'memory', names: ['elsewhere.test'], at: Date.parse('2021-07-01') });
    expect(ca).not.toBe(day.harness.ca);
    await expect(day.tooling({ ca }).centre()).rejects.toThrow(/certificate/);
  });
});

describe('a connection that breaks', () => {
  it('after the file was stored: the same bytes again get the same reference', async () => {
    await using day = await rehearsalDay(MONDAY);
    await using proxy = await cuttingProxy(day.harness.addresses.line);
    const client = day.tooling({ line: proxy.url });
    answerOf(await client.logOn(maker('B09901')));
    proxy.cutAnswers(1);
    const answer = await client.uploadBatch(file());
    expect([proxy.cuts(), answer.attempts, outcome(answer)]).toEqual([1, 2, '200']);
    expect(answerOf(answer).repeat).toBe(true);
    expect(answerOf(await client.batches())).toHaveLength(1);
  });

  it('in the middle of the file: nothing was stored, and the second attempt counts as the first', async () => {
    await using day = await rehearsalDay(MONDAY);
    await using proxy = await cuttingProxy(day.harness.addresses.line);
    const client = day.tooling({ line: proxy.url });
    answerOf(await client.logOn(maker('B09901')));
    proxy.cutBody(1000);
    const answer = await client.uploadBatch(batchFile('2021-07-26', '2021-07-27', { rows: 500 }), { gzip: false });
    expect([proxy.cuts(), answer.attempts, outcome(answer)]).toEqual([1, 2, '202']);
    expect(answerOf(await client.batches())).toHaveLength(1);
  });

  it('again and again: the client gives up, and sends a log-on only once', async () => {
    await using day = await rehearsalDay(MONDAY);
    await using proxy = await cuttingProxy(day.harness.addresses.line);
    const client = day.tooling({ line: proxy.url });
    answerOf(await client.logOn(maker('B09901')));
    proxy.cutAnswers(99);
    await expect(client.uploadBatch(file())).rejects.toThrow(ConnectionCut);
    expect(proxy.cuts()).toBe(3);
    await expect(client.logOn(maker('B09901'))).rejects.toThrow(/1 times/);
    expect(proxy.cuts()).toBe(4);
  });
});

describe('a wrong answer', () => {
  /** A server with a good certificate that gives the same answer to every request. */
  async function fixedAnswer(status: number, headers: Record<string, string>, body: string | Buffer) {
    const certificates = await loadCertificates({ dir: 'memory', names: [], at: Date.parse('2021-07-01') });
    const { key, chain } = certificates.centres.primary;
    const server = createServer({ key, cert: chain }, (request, response) => {
      request.resume();
      response.writeHead(status, headers).end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = participant({
      line: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ca: certificates.ca,
      layouts,
    });
    return {
      client,
      async [Symbol.asyncDispose]() {
        client[Symbol.dispose]();
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      },
    };
  }
  const sha256 = (bytes: string) => createHash('sha256').update(bytes).digest('hex');
  const headersOf = (name: string, etag: string) => ({
    'content-disposition': `attachment; filename="${name}"`,
    etag: `"${etag}"`,
  });

  it('a file with another SHA-256', async () => {
    await using other = await fixedAnswer(200, headersOf('ZSBAL01_X.PRN', sha256('before')), 'after');
    expect(answerOf(await other.client.download('R1')).fault).toContain(
      `its SHA-256 is ${sha256('after')}, expected ${sha256('before')}`,
    );
  });

  it('a data file that breaks the rules of its layout', async () => {
    const bytes = Buffer.from(batchFile('2021-07-26', '2021-07-27')).toString('latin1').replace('00005', '00006');
    await using other = await fixedAnswer(200, headersOf('ZSIUP01_X.TXT', sha256(bytes)), bytes);
    expect(answerOf(await other.client.download('R1')).fault).toContain('line 2: RECORD_CHECKSUM');
  });

  it.each([
    [500, 'application/problem+json', '{"code":"HARNESS_ERROR"}'],
    [404, 'text/plain', 'nothing here'],
    [
      403,
      'application/problem+json',
      '{"code":"NOT_OPEN","words":{"title":{"en":"","zh":""},"detail":{"en":"","zh":""}}}',
    ],
  ])('throws, since no centre gives such an answer: %i %s', async (status, type, body) => {
    await using other = await fixedAnswer(status, { 'content-type': type }, body);
    await expect(other.client.profile()).rejects.toThrow(`status ${status} is not a refusal of a centre: ${body}`);
  });

  it('pages that repeat a cursor', async () => {
    await using other = await fixedAnswer(200, { 'content-type': 'application/json' }, '{"rows":[],"next":"again"}');
    await expect(other.client.stockBalances()).rejects.toThrow('repeats the cursor again');
  });
});
