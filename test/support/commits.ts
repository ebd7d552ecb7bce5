import { type Commit, put } from '../../src/domain/change.ts';

export function commit(index: number, epoch = 1, more: Partial<Commit> = {}): Commit {
  const changes = [
    put('counter', { name: 'batch', next: index + 1 }),
    put('run', { run: `run ${index} 香港`, date: '2021-07-24', doneAt: index }),
  ];
  return { epoch, index, at: 1_000 + index, changes, ...more };
}
export const commits = (count: number, from = 1, epoch = 1) =>
  Array.from({ length: count }, (_, i) => commit(from + i, epoch));
