import type { Benchmark } from './benchmark.ts';
import { uploading } from './uploading.ts';

const benchmark: Benchmark = {
  what: 'a batch of 1,000,000 SIs, and the stock balance enquiries that two others make meanwhile',
  figures: {
    p99: { unit: 'ms an enquiry', targets: [{ atMost: 50 }] },
    asked: { unit: 'enquiries', targets: [] },
    'bytes a byte of the file': { unit: 'resident above idle', targets: [] },
    seconds: { unit: 's', targets: [] },
  },
  peers: [],
  ...uploading(1_000_000, 2),
};

export default benchmark;
