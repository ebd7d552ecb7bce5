import { describe, expect, it } from 'vitest';
import { arrivalOf, plainAddress } from '../../../src/domain/access/arrival.ts';

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
