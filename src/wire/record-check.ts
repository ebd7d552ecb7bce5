import { type HashTotal, type Limbs, readDigits, toDigits } from './digits.ts';
import { ascii, type FieldValues, fieldsReader } from './field-value.ts';
import { type BatchContext, checkFault, type FoundFault, fieldFault, lineFault, typeFault } from './file-fault.ts';
import type { Field, Layout, RecordLayout } from './layout.ts';
import { createTotals, type FileTotals, sumInto } from './totals.ts';

/** Checks one file's records, in order, against the layout's rules: everything except line ends. */
export interface RecordCheck {
  record(bytes: Uint8Array, from: number, line: number): FoundFault | null;
  /** The file ended after `lines` lines. */
  end(lines: number): FoundFault | null;
  header(): FieldValues | null;
  /** Detail records so far. */
  records(): number;
  totals(): FileTotals;
}

const SPACE = 32;

export function createRecordCheck(layout: Layout, context: BatchContext | null): RecordCheck {
  // No record has more numeric fields than positions.
  const limbs = new Float64Array(2 * layout.recordLength);
  const totals = createTotals(layout);
  const checksum: HashTotal = { high: 0, low: 0 };
  let header: FieldValues | null = null;
  let trailerLine = 0;
  let records = 0;

  function misplaced(record: RecordLayout | undefined, bytes: Uint8Array, from: number, line: number) {
    if (trailerLine > 0) return typeFault('AFTER_TRAILER', layout, line, bytes, from);
    if (!record) return typeFault('RECORD_TYPE', layout, line, bytes, from);
    if (line === 1) return record.role === 'header' ? null : typeFault('NO_HEADER', layout, line, bytes, from);
    return record.role === 'header' ? typeFault('RECORD_TYPE', layout, line, bytes, from) : null;
  }

  function fieldChecks(record: RecordLayout, bytes: Uint8Array, from: number, line: number): FoundFault | null {
    for (const field of record.checked) {
      if (!field.check) continue;
      if (
        field.check === 'reference'
          ? bytes[from + field.start] !== SPACE
          : !context || holds(field, bytes, from, context)
      )
        continue;
      return checkFault(field.check, line, field, ascii(bytes, from + field.start, from + field.end), context);
    }
    return null;
  }

  return {
    record(bytes, from, line) {
      const record = layout.byType[bytes[from] as number];
      const wrong = misplaced(record, bytes, from, line);
      if (wrong || !record) return wrong;
      for (let n = 0; n < record.numeric.length; n++) {
        const field = record.numeric[n] as Field;
        if (readDigits(bytes, from + field.start, from + field.end, limbs, n)) continue;
        const came = ascii(bytes, from + field.start, from + field.end);
        return fieldFault('NOT_NUMERIC', line, field, came, `digits only, ${field.picture}`);
      }
      const fault = fieldChecks(record, bytes, from, line) ?? checksumFault(record, limbs, checksum, line);
      if (fault) return fault;
      if (record.role === 'header') header = fieldsReader(record)(bytes, from);
      else if (record.role === 'detail') {
        records += 1;
        totals.add(record, limbs, bytes, from);
      } else {
        trailerLine = line;
        if (records === 0 && !layout.mayBeEmpty)
          return lineFault(
            'NO_RECORDS',
            line,
            'the control trailer after the header',
            'at least one detail record between them',
          );
        return totals.fault(bytes, from, line);
      }
      return null;
    },
    end(lines) {
      if (lines === 0) return lineFault('NO_HEADER', 1, 'an empty file', 'the control header, record type "0"');
      if (trailerLine > 0) return null;
      return lineFault('NO_TRAILER', lines + 1, 'the end of the file', 'the control trailer, record type "9"');
    },
    header: () => header,
    records: () => records,
    totals: () => totals.read(),
  };
}

function holds(field: Field, bytes: Uint8Array, from: number, context: BatchContext): boolean {
  const came = ascii(bytes, from + field.start, from + field.end);
  switch (field.check) {
    case 'participant':
      return came === context.participant.padEnd(came.length);
    case 'fileId':
      return came === context.fileId.padEnd(came.length);
    case 'market':
      return came === context.market.padEnd(came.length);
    case 'marketDate':
      return came === context.marketDate.replaceAll('-', '');
    case 'sequence':
      return /[1-9]/.test(came);
    default:
      return true;
  }
}

function checksumFault(record: RecordLayout, limbs: Limbs, sum: HashTotal, line: number): FoundFault | null {
  const rule = record.checksum;
  if (!rule) return null;
  sumInto(sum, rule, limbs);
  const n = 2 * rule.field.numeric;
  if (sum.high === limbs[n] && sum.low === limbs[n + 1]) return null;
  const length = rule.field.end - rule.field.start;
  const came = toDigits({ high: limbs[n] ?? 0, low: limbs[n + 1] ?? 0 }, length);
  const expected = `${toDigits(sum, length)}, the sum of ${rule.terms.join(', ')}`;
  return fieldFault('RECORD_CHECKSUM', line, rule.field, came, expected);
}
