import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/domain/calendar/calendar.ts';
import { platform } from '../../support/risk-platform.ts';
import { diskFull, trialLog } from '../../support/trial-log.ts';

describe('the runs of the risk platform', () => {
  it('are pending until they are done, and none is until the next is due', async () => {
    await using orp = await platform('2021-07-26T10:59');
    const { riskRuns } = orp.centre.service;
    const first = riskRuns.pending();
    expect(first).toBeInstanceOf(Promise);
    expect(riskRuns.pending()).toBe(first);
    await first;
    expect(riskRuns.pending()).toBeNull();
    await orp.clock.moveTo(instant('2021-07-26T10:59:59'));
    expect(riskRuns.pending()).toBeNull();
    await orp.clock.moveTo(instant('2021-07-26T11:00'));
    await riskRuns.pending();
    expect(orp.books.get('run', 'margin 11:00/2021-07-26')).toBeDefined();
    expect(riskRuns.pending()).toBeNull();
  });

  it('that come due while others are done are done after them', async () => {
    await using orp = await platform('2021-07-26T10:59');
    const { riskRuns } = orp.centre.service;
    const before = riskRuns.pending();
    await orp.clock.moveTo(instant('2021-07-26T11:00'));
    const all = riskRuns.pending();
    expect(all).not.toBe(before);
    await all;
    expect(orp.books.get('run', 'margin 11:00/2021-07-26')).toBeDefined();
    expect(riskRuns.pending()).toBeNull();
  });

  it('are none of a centre that does not lead', async () => {
    await using orp = await platform('2021-07-26T10:59');
    const { store, service } = orp.centre;
    await store.fence();
    expect(service.riskRuns.pending()).toBeNull();
    store.lead();
    expect(service.riskRuns.pending()).toBeInstanceOf(Promise);
    await service.riskRuns.idle();
  });

  it('are done again after a switch that lost them', async () => {
    await using orp = await platform('2021-07-26T10:59');
    const { store, service } = orp.centre;
    const shared = store.head().index;
    await service.riskRuns.pending();
    await store.fence();
    await store.rewind(shared);
    store.lead();
    expect(orp.books.get('run', 'RPF01/2021-07-23')).toBeUndefined();
    service.riskRuns.recheck();
    await service.riskRuns.pending();
    expect(orp.books.get('run', 'RPF01/2021-07-23')).toBeDefined();
  });

  it('that a full disk kept out of the books are tried again at the next request', async () => {
    const log = trialLog();
    await using orp = await platform('2021-07-26T10:59', { log });
    const { riskRuns } = orp.centre.service;
    log.fail(diskFull());
    await riskRuns.pending();
    expect(orp.books.get('run', 'RPF01/2021-07-22')).toBeUndefined();
    await riskRuns.pending();
    expect(orp.books.get('run', 'RPF01/2021-07-22')).toBeDefined();
    expect(riskRuns.pending()).toBeNull();
  });
});
