import type { Benchmark } from './benchmark.ts';
import { uploading } from './uploading.ts';

const benchmark: Benchmark = {
  what: 'a batch of 100,000 SIs, uploaded over the line, decided at the primary, applied at the backup, control report published',
  figures: {
    rate: { unit: 'records/s of CPU', targets: [{ atLeast: 200_000 }] },
    'bytes a byte of the file': { unit: 'resident above idle', targets: [{ atMost: 4 }] },
    seconds: { unit: 's', targets: [] },
  },
  peers: [],
  ...uploading(100_000, 0),
};

export default benchmark;
