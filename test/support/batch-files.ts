import { readFileSync } from 'node:fs';
import type { FieldValues } from '../../src/wire/field-value.ts';
import { readRecords } from '../../src/wire/report-file.ts';
import type { Batch, Client, Report, Rows } from './client.ts';
import { HEADER, ROW, shipped, written } from './shipped-layouts.ts';

const ZSIUP01 = shipped('ZSIUP01');

/** One entry of fixtures/batches/index.json. */
export interface BatchFixture {
  readonly file: string;
  readonly shows: string;
  readonly records?: number;
  readonly discards?: boolean;
  readonly code?: string;
  readonly line?: number;
  readonly columns?: readonly [number, number];
  readonly after?: string;
  readonly accepted?: number;
  readonly refused?: number;
}

export const FIXTURES = JSON.parse(
  readFileSync(new URL('../../fixtures/batches/index.json', import.meta.url), 'utf8'),
) as { readonly good: readonly BatchFixture[]; readonly bad: readonly BatchFixture[] };

/** A batch file of these rows, each like ROW with the given changes; default references derive from the sequence. */
export function batchFile(rows: readonly Partial<typeof ROW>[] | number, header: Partial<typeof HEADER> = {}): Buffer {
  const given = typeof rows === 'number' ? Array.from({ length: rows }, () => ({})) : rows;
  const whole = { ...HEADER, ...header };
  const details = given.map((row, place): FieldValues => {
    return { ...ROW, reference: `${whole.sequence}-${place + 1}`, ...row };
  });
  return written(ZSIUP01, whole, details);
}

export interface ControlReportRead {
  readonly header: FieldValues;
  readonly details: readonly FieldValues[];
  readonly trailer: FieldValues;
  /** The printed form. */
  readonly text: string;
}

/** A batch's status and its control report, downloaded as a participant would and parsed by the reader of wire/. */
export async function outcomeOf(
  client: Client,
  reference: string,
  reportId = 'ZSICR01',
): Promise<{ batch: Batch; report: ControlReportRead }> {
  const batch = await client.batch(reference);
  const { rows } = (await client.ask(`/ccass/v1/reports?id=${reportId}`)).json<Rows<Report>>();
  const mine = rows.filter((row) => row.batch === reference);
  const fetched = async (format: Report['format']) => {
    const found = mine.filter((row) => row.format === format);
    if (found.length !== 1 || !found[0]) throw new Error(`${found.length} ${format} reports for ${reference}`);
    return (await client.ask(`/ccass/v1/reports/${found[0].reference}`)).body;
  };
  const read = readRecords(shipped(reportId), await fetched('data'));
  if (read.fault) throw new Error(`${reportId} of ${reference} is not in order: ${JSON.stringify(read.fault)}`);
  return { batch, report: { ...read, text: (await fetched('text')).toString() } };
}
