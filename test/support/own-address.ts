/**
 * An address that the tests beside do not listen at, where there is more than one (Linux): a port that one leaves there may
 * be taken again, or found closed, since no other test's server can have been given it meanwhile.
 */
export const ownAddress = (last: number): string => (process.platform === 'linux' ? `127.0.9.${last}` : '127.0.0.1');
