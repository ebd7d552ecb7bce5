/**
 * An address that parallel tests do not listen on, where loopback has more than one (Linux): a port that is freed there
 * can be reused, or found closed, since no other test's server can have got it meanwhile.
 */
export const exclusiveAddress = (last: number): string =>
  process.platform === 'linux' ? `127.0.9.${last}` : '127.0.0.1';
