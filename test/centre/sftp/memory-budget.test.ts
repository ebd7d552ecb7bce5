import { expect, test, vi } from 'vitest';
import { BLOCK_BYTES, createMemoryBudgets } from '../../../src/centre/sftp/memory-budget.ts';

test('idle blocks go back before anything that is held takes the connection over its budget', () => {
  const changed = vi.fn();
  const memory = createMemoryBudgets({ connectionBytes: 4 * BLOCK_BYTES, userBytes: 8 * BLOCK_BYTES }).open(changed);
  memory.belongTo('B09901');
  const lost = vi.fn();
  const blocks = Array.from({ length: 4 }, () => memory.lease(BLOCK_BYTES, lost));
  expect(blocks.every((block) => block !== null)).toBe(true);
  memory.hold(384);
  expect([memory.isOver(), lost.mock.calls.length]).toEqual([false, 1]);
  // Those in use stay, and then it is over.
  changed.mockClear();
  for (const block of blocks.slice(1)) if (block) block.uses++;
  memory.hold(BLOCK_BYTES);
  expect([memory.isOver(), lost.mock.calls.length]).toEqual([true, 1]);
  expect(changed).toHaveBeenCalledTimes(1);
  memory.hold(-BLOCK_BYTES);
  expect(memory.isOver()).toBe(false);
  memory.end();
});
