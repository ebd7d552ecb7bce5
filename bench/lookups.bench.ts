import type { Benchmark } from './benchmark.ts';
import { work } from './serving.ts';

const books = (name: string, count: number) => work(name, 'servers/lookups.ts', { count });
const page = { unit: 'us a page', targets: [{ of: '10^2 SIs', atMost: 2 }] };

const benchmark: Benchmark = {
  what: 'pages of an SI enquiry from books of 10^2 to 10^6 SIs; the floor is the same with 10^2',
  figures: {
    'few by status': page,
    'few by date': page,
    'few by stock and counterparty': page,
    'first page of all': page,
    'a page from the middle': page,
  },
  floor: books('10^2 SIs', 100),
  peers: [books('10^4 SIs', 10_000)],
  us: books('10^6 SIs', 1_000_000),
};

export default benchmark;
