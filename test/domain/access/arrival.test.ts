import { describe, expect, it } from 'vitest';
import { arrivalOf, isLoopback, plainAddress } from '../../../src/domain/access/arrival.ts';

describe('an arrival', () => {
  it('has the client, the protocol, and whether it came through the line', () => {
    const socket = { remoteAddress: '::ffff:127.0.0.7', remotePort: 50_000 };
    expect(arrivalOf(socket, 'sftp', 'line')).toEqual({
      socket,
      protocol: 'sftp',
      address: '127.0.0.7',
      port: 50_000,
      via: 'line',
    });
  });

  it('is null if the client has disconnected', () => {
    expect(arrivalOf({ remoteAddress: undefined, remotePort: undefined }, 'https', 'direct')).toBeNull();
  });
});

it.each([
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::FFFF:10.0.0.1', '10.0.0.1'],
  ['10.0.0.1', '10.0.0.1'],
  ['::1', '::1'],
  ['::ffff:0:1', '::ffff:0:1'],
])('%s is written %s', (address, plain) => {
  expect(plainAddress(address)).toBe(plain);
});

it.each([
  ['127.0.0.1', true],
  ['127.255.0.9', true],
  ['::ffff:127.0.0.1', true],
  ['::1', true],
  ['128.0.0.1', false],
  ['127.0.0.256', false],
  ['127.0.0.01', false],
  ['127.0.0.1.example.test', false],
  ['10.127.0.0', false],
  ['::ffff:10.0.0.1', false],
  ['fe80::1', false],
  ['', false],
])('%s is a loopback address: %s', (address, is) => {
  expect(isLoopback(address)).toBe(is);
});
