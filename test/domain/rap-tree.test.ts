import { posix } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { isKept, keptDates, rapFileName, rapPlace, realPath } from '../../src/domain/rap-tree.ts';

it.each([
  ['', '/'],
  ['.', '/'],
  ['/', '/'],
  ['..', '/'],
  ['//INBOX//', '/INBOX'],
  ['INBOX/./20210723/../x', '/INBOX/x'],
  ['/../../etc/passwd', '/etc/passwd'],
])('the real path of %j is %s', (path, real) => expect(realPath(path)).toBe(real));

it('has the real path that POSIX has', () => {
  const part = fc.constantFrom('', '.', '..', 'INBOX', '20210723', 'a b');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const path = parts.join('/');
      expect(realPath(path)).toBe(posix.resolve('/', path));
    }),
  );
});

it.each([
  ['/', { kind: 'root' }],
  ['/RPF', { kind: 'folder', folder: 'RPF' }],
  ['INBOX/20210723', { kind: 'day', folder: 'INBOX', date: '2021-07-23' }],
  ['/COMMON/20210723/x.zip', { kind: 'file', folder: 'COMMON', date: '2021-07-23', name: 'x.zip' }],
  ['/inbox', null],
  ['/INBOX/2021-07-23', null],
  ['/INBOX/20210230', null],
  ['/INBOX/20210723/x.zip/y', null],
  ['/OUTBOX/20210723', null],
])('%s names %j', (path, place) => expect(rapPlace(path)).toEqual(place));

it('keeps a day for seven days, itself included, by the Hong Kong date, and no future day', () => {
  const at = instant('2021-07-24T00:00');
  expect(keptDates(at, 7)).toEqual([
    '2021-07-18',
    '2021-07-19',
    '2021-07-20',
    '2021-07-21',
    '2021-07-22',
    '2021-07-23',
    '2021-07-24',
  ]);
  expect(['2021-07-17', '2021-07-18', '2021-07-24', '2021-07-25'].map((date) => isKept(date, at, 7))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(isKept('2021-07-24', at - 1, 7)).toBe(false);
  expect(keptDates(at - 1, 7).at(-1)).toBe('2021-07-23');
});

it('names the files of a package', () => {
  const name = { reportId: 'RPF01', participant: 'COMMON', businessDate: '2021-07-23', snapshot: '2030' };
  expect(rapFileName(name, 'data')).toBe('RPF01_COMMON_20210723_2030_D.zip');
  expect(rapFileName(name, 'control')).toBe('RPF01_COMMON_20210723_2030_C.zip');
});
