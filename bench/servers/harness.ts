/** Us: a whole harness in a process of its own. */
import { randomBytes } from 'node:crypto';
import { packetSent } from '../../src/commands/packet-garbage.ts';
import type { CentreName } from '../../src/domain/nouns/market.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { HarnessOptions } from '../../src/harness/options.ts';
import { answering, argument } from '../answering.ts';

// A load generator is one address that opens more connections than a participant does.
const limits = { handshakesPerAddress: 1_000_000, connectionsPerAddress: 100_000 };
const harness = await startHarness({ limits, log: 'error', packetSent, ...argument<HarnessOptions>() });
const { addresses, ca, demo } = harness;
const { port } = new URL(addresses.sftp);
const rap = { port: Number(port), user: harness.rap.user, privateKey: harness.rap.privateKey };
answering(
  { url: addresses.line, ca, addresses, demo, rap },
  {
    /** Resolves when every batch is done: a move of the clock waits for them. */
    idle: async () => void (await harness.control.clock({ advanceMs: 0 })),
    /** Milliseconds that the switch took. */
    async switchTo(to: CentreName): Promise<number> {
      const from = performance.now();
      const answer = await harness.control.failover({ to, mode: 'drain' });
      if (isRefusal(answer)) throw new Error(answer.detail.en);
      return performance.now() - from;
    },
    /** A RAP package of at least this size, which no zip makes smaller; the path of its data file. */
    async publishPackage(sizeBytes: number): Promise<string> {
      const place = { id: 'ZTEST01', participant: demo.participant, businessDate: '2021-07-23' };
      const content = randomBytes(sizeBytes).toString('base64');
      const answer = await harness.control.publishRapPackage({ ...place, snapshot: '2030', content });
      if (isRefusal(answer)) throw new Error(answer.detail.en);
      const [data] = answer.files;
      return `/${data?.folder}/20210723/${data?.name}`;
    },
    /** A report of this size in the demo participant's name; its reference. */
    async publish(sizeBytes: number): Promise<string> {
      const place = {
        id: 'ZSBAL01',
        participant: demo.participant,
        businessDate: '2021-07-26',
        format: 'data',
      } as const;
      const content = Buffer.alloc(sizeBytes, 'x').toString('base64');
      const answer = await harness.control.publishReport({ ...place, content });
      if (isRefusal(answer)) throw new Error(answer.detail.en);
      return answer.reference;
    },
  },
  () => harness.stop(),
);
