import { describe, expect, test } from 'vitest';
import { addressRange } from '../../../src/domain/access/address-range.ts';
import { addressCheck } from '../../../src/service/access/addresses.ts';

describe('address ranges', () => {
  const ranges = [{ participant: 'B09901', addresses: ['127.0.1.0/24', '10.1.2.3', '2001:db8::/32'] }];
  const check = addressCheck({ enforced: true, ranges });

  test.each(['127.0.1.0', '127.0.1.255', '::ffff:127.0.1.9', '10.1.2.3', '2001:db8::1'])('%s is inside', (address) => {
    expect(check('B09901', address)).toBeNull();
  });

  test.each(['127.0.0.1', '127.0.2.1', '10.1.2.4', '::1', '2001:db9::1', ''])(
    '%s is outside (ADDRESS_NOT_ALLOWED)',
    (address) => {
      expect(check('B09901', address)?.refusal).toBe('ADDRESS_NOT_ALLOWED');
    },
  );

  test('a participant without a range cannot log on, and an unknown one gets the same answer', () => {
    expect(check('B09902', '127.0.1.1')?.detail.en.replace('B09902', '')).toBe(
      check('Z99999', '127.0.1.1')?.detail.en.replace('Z99999', ''),
    );
  });

  test('switched off, nothing is checked', () => {
    expect(addressCheck({ enforced: false, ranges })('Z99999', '192.0.2.1')).toBeNull();
  });

  test.each([
    '',
    '127.0.0',
    '127.0.0.256',
    '127.0.0.1/33',
    '127.0.0.1/',
    '127.0.0.1/8/8',
    '01.2.3.4',
    '1:2',
    ':::',
    'x',
  ])('%j is no range', (text) => expect(addressRange(text)).toBeNull());
});
