import { describe, expect, it } from 'vitest';
import type { ReportDefinition } from '../../../src/domain/report-catalogue.ts';
import { ASSUMED_RULES } from '../../../src/domain/settlement/settlement-rules.ts';
import { batchKinds } from '../../../src/service/batches/batch-kinds.ts';
import type { Layout } from '../../../src/wire/layout.ts';
import { batchFixture, compiled, layoutJson, shipped } from '../../support/shipped-layouts.ts';

const definition = (id: string): ReportDefinition => ({
  ...{ id, name: { en: id, zh: id }, layout: id, audience: 'all', formats: ['data'], market: 'HKMK' },
  ...{ made: 'at once', available: 'at once', daysKept: 7, status: 'assumed', source: '' },
});
const kindsWith = (transferInput: Layout) =>
  batchKinds(
    {
      instructions: { input: shipped('ZSIUP01'), control: shipped('ZSICR01'), definition: definition('ZSICR01') },
      transfers: { input: transferInput, control: shipped('ZATCR01'), definition: definition('ZATCR01') },
    },
    { isBusinessDay: () => true, hkdRateMicro: () => 1_000_000, rules: ASSUMED_RULES },
  );
const kinds = kindsWith(shipped('ZATUP01'));

/** The shipped layout of ZATUP01 with all that comes after the record type ten positions further on. */
function shifted(): Layout {
  interface Field {
    name: string;
    from: number;
    to: number;
    picture: string;
  }
  const json = layoutJson('ZATUP01') as { recordLength: number; records: { fields: Field[] }[] };
  const records = json.records.map((record) => ({
    ...record,
    fields: record.fields.flatMap((field) =>
      field.name === 'recordType'
        ? [field, { name: 'lead', from: 2, to: 11, picture: 'X(10)' }]
        : [{ ...field, from: field.from + 10, to: field.to + 10 }],
    ),
  }));
  return compiled({ ...json, recordLength: json.recordLength + 10, records });
}
const shiftedFile = (file: Buffer) =>
  Buffer.from(
    file
      .toString('latin1')
      .split('\r\n')
      .map((line) => (line === '' ? line : `${line.slice(0, 1)}${' '.repeat(10)}${line.slice(1)}`))
      .join('\r\n'),
    'latin1',
  );

describe('the file ID in the header', () => {
  it.each([
    ['good/one-row.txt', 'ZSIUP01', 'ZSICR01'],
    ['transfers/good/one-row.txt', 'ZATUP01', 'ZATCR01'],
    ['bad/wrong-file-id.txt', 'ZSIUP01', 'ZSICR01'],
    ['bad/no-header.txt', 'ZSIUP01', 'ZSICR01'],
    ['bad/no-header-empty-file.txt', 'ZSIUP01', 'ZSICR01'],
  ])('of %s chooses the layout %s and the control report %s', (file, input, report) => {
    const { header } = kinds.read(batchFixture(file).subarray(0, kinds.headerBytes));
    const kind = kinds.of(header?.fileId ?? '');
    expect([kind.layout.id, kind.report.definition.id]).toEqual([input, report]);
  });

  it("is read where the layout of its own kind has it, a user's layout too", () => {
    const custom = kindsWith(shifted());
    expect(custom.headerBytes).toBeGreaterThan(kinds.headerBytes);
    const file = shiftedFile(batchFixture('transfers/good/one-row.txt'));
    expect(custom.read(file.subarray(0, custom.headerBytes)).header).toMatchObject({
      ...{ participant: 'B09901', fileId: 'ZATUP01', businessDate: '2021-07-24' },
    });
    const other = batchFixture('good/one-row.txt');
    expect(custom.read(other.subarray(0, custom.headerBytes)).header).toMatchObject({ fileId: 'ZSIUP01' });
    // By the shipped layout the same file is no batch of transfers.
    expect(kinds.read(file.subarray(0, kinds.headerBytes)).header?.fileId).not.toBe('ZATUP01');
  });
});
