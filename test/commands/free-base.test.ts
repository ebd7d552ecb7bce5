import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freeBase } from '../../src/commands/free-base.ts';

test('is the first base of which every port is free', async () => {
  const taken = [7045, 7180, 7222];
  expect(await freeBase('127.0.0.1', async (port) => !taken.includes(port))).toBe(7300);
  expect(await freeBase('127.0.0.1', async () => false)).toBeNull();
});

test('finds out by listening, and leaves nothing open', async () => {
  const first = await freeBase();
  if (first === null) throw new Error('this machine has no free block');
  const server = createServer().listen(first + 45, '127.0.0.1');
  await once(server, 'listening');
  const second = await freeBase();
  expect(second === null || second > first).toBe(true);
  server.close();
  await once(server, 'close');
});
