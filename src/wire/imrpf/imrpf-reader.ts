import type { Imrpf, ScenarioTable } from '../../domain/imrpf/imrpf.ts';
import { normalCode } from '../../domain/instrument-codes.ts';
import type { Words } from '../../domain/nouns/market.ts';
import { cellAt, cellsOf, controlIn, decimalOf, isBlankFrom, readReturns, scaledReturn } from './imrpf-cells.ts';
import { EXPECTED, type ImrpfFinding, shown } from './imrpf-fault.ts';
import { createFigureRecords, figuresOf, PRINTABLE } from './imrpf-figures.ts';
import { PARAMETERS, type ParameterValues, parameterRule, parametersOf } from './imrpf-parameters.ts';
import { createReturns, type Returns } from './imrpf-returns.ts';

/** Takes a file line by line. */
export interface ImrpfReader {
  /** A line without its end, in bytes [from, to). */
  take(bytes: Uint8Array, from: number, to: number): void;
  /** A line above the length limit. */
  tooLong(): void;
  /** The file is over. Valid only if nothing was found. */
  end(): Imrpf;
}

const LAST_FIELD_TYPE = 7;
const NO_RETURNS: ScenarioTable = { count: 0, rows: new Map(), returns: new Float64Array() };

class Reader implements ImrpfReader {
  readonly #found: (finding: ImrpfFinding) => void;
  readonly #sizeBytes: number | undefined;
  readonly #values: ParameterValues = new Map();
  readonly #named = new Set<string>();
  readonly #figures = createFigureRecords();
  /** The line of each record, by the key that may occur only once. */
  readonly #firstLine = new Map<string, number>();
  /** Counts of what was skipped, by the reason given. */
  readonly #passedOver = new Map<string, { readonly first: number; times: number }>();
  readonly #warnings: string[] = [];
  #hvar: Returns | null = null;
  #svar: Returns | null = null;
  #line = 0;
  #headed = false;
  #isText = true;

  constructor(found: (finding: ImrpfFinding) => void, sizeBytes: number | undefined) {
    this.#found = found;
    this.#sizeBytes = sizeBytes;
  }

  take(bytes: Uint8Array, from: number, to: number): void {
    this.#line += 1;
    const finding = this.#takeLine(bytes, from, to);
    if (finding !== null) this.#found(finding);
  }

  tooLong(): void {
    this.#line += 1;
    this.#found(this.#fault(null, 'line', 'a longer one', EXPECTED.lineLength));
  }

  end(): Imrpf {
    if (!this.#headed && this.#isText) this.#found(this.#fault(null, 'header', 'the end of the file', EXPECTED.header));
    for (const [what, { first, times }] of this.#passedOver)
      this.#warnings.push(
        `${what} ${times === 1 ? `in line ${first}` : `in ${times} lines, the first of them ${first}`}`,
      );
    return {
      parameters: parametersOf(this.#values),
      hvar: this.#hvar?.table() ?? NO_RETURNS,
      svar: this.#svar?.table() ?? NO_RETURNS,
      ...this.#figures.all(),
      warnings: this.#warnings,
    };
  }

  #fault(column: number | null, field: string, came: string, expected: Words): ImrpfFinding {
    return { line: this.#line, column, field, came, expected };
  }

  #openQuote(column: number | null, field: string): ImrpfFinding {
    return this.#fault(column, field, 'an open quote', EXPECTED.quotes);
  }

  #takeParameter(cells: readonly string[]): ImrpfFinding | null {
    const [name = '', text = '', third] = cells;
    const rule = parameterRule(name);
    if (third !== undefined)
      return this.#fault(3, shown(name), shown(third), rule ? EXPECTED.nothingMore : EXPECTED.header);
    if (rule === undefined) {
      this.#warnings.push(`line ${this.#line}: the parameter ${shown(name)} is not known and was passed over`);
      return null;
    }
    if (this.#named.has(rule.name)) return this.#fault(1, rule.written, `${rule.written} again`, EXPECTED.once);
    this.#named.add(rule.name);
    const value = rule.value(text);
    if (value === undefined) return this.#fault(2, rule.written, shown(text), rule.expected);
    this.#values.set(rule.name, value);
    return null;
  }

  #takeHeader(cells: readonly string[]): ImrpfFinding | null {
    this.#headed = true;
    for (const { name, written } of PARAMETERS)
      if (!this.#named.has(name)) this.#found(this.#fault(null, written, 'nothing', EXPECTED.parameter));
    const { hvarCount, svarCount } = Object.fromEntries(this.#values);
    if (typeof hvarCount === 'number') this.#hvar = createReturns(hvarCount, this.#sizeBytes);
    if (typeof svarCount === 'number') this.#svar = createReturns(svarCount, this.#sizeBytes);
    const wrong = cells.findIndex((cell, n) => n > 1 && /^\d+$/.test(cell) && Number(cell) !== n - 1);
    return wrong < 0 ? null : this.#fault(wrong + 1, 'header', shown(cells[wrong] ?? ''), EXPECTED.scenarioNumber);
  }

  #takeRecord(bytes: Uint8Array, from: number, to: number): ImrpfFinding | null {
    const id = cellAt(bytes, from, to);
    if (id === null) return this.#openQuote(1, 'InstrumentId');
    const type = id.next > to ? { text: '', next: to + 1 } : cellAt(bytes, id.next, to);
    if (type === null) return this.#openQuote(2, 'FieldType');
    const fieldType = Number(decimalOf(type.text) ?? Number.NaN);
    if (!Number.isSafeInteger(fieldType) || fieldType < 1)
      return this.#fault(2, 'FieldType', shown(type.text), EXPECTED.fieldType);
    if (fieldType > LAST_FIELD_TYPE) return this.#passOver(`FieldType ${fieldType}: records passed over`);
    if (!PRINTABLE.test(id.text)) return this.#fault(1, 'InstrumentId', shown(id.text), EXPECTED.code);
    const code = normalCode(id.text);
    if (fieldType > 2) return this.#takeFigures(code, fieldType, bytes, type.next, to);
    const returns = fieldType === 1 ? this.#hvar : this.#svar;
    const again = this.#takenBefore(`${code}, FieldType ${fieldType}`);
    // Without a scenario count, which is a fault of its own, it is unknown how many cells to read.
    if (again || returns === null) return again;
    return this.#takeReturns(returns, code, fieldType, bytes, from, type.next, to);
  }

  #passOver(what: string): null {
    const known = this.#passedOver.get(what);
    if (known) known.times += 1;
    else this.#passedOver.set(what, { first: this.#line, times: 1 });
    return null;
  }

  #takenBefore(what: string): ImrpfFinding | null {
    const first = this.#firstLine.get(what);
    if (first !== undefined)
      return this.#fault(1, 'InstrumentId', `${what} again (first in line ${first})`, EXPECTED.once);
    this.#firstLine.set(what, this.#line);
    return null;
  }

  #takeReturns(
    returns: Returns,
    code: string,
    fieldType: number,
    bytes: Uint8Array,
    from: number,
    start: number,
    to: number,
  ): ImrpfFinding | null {
    const { count } = returns;
    const offset = returns.room(to - from);
    const into = returns.array();
    const stop = { at: start };
    for (let n = 0; ; n++) {
      n = readReturns(bytes, to, into, offset, n, count, stop);
      if (n === count) {
        returns.keep(code);
        const isAll = stop.at > to || isBlankFrom(bytes, stop.at, to);
        return isAll ? null : this.#passOver(`FieldType ${fieldType}: cells beyond scenario ${count} passed over`);
      }
      if (stop.at > to || isBlankFrom(bytes, stop.at, to)) {
        returns.tooShort(code, n);
        return null;
      }
      const cell = cellAt(bytes, stop.at, to);
      const field = `scenario ${n + 1}`;
      if (cell === null) return this.#openQuote(n + 3, field);
      if (cell.text === '') return this.#fault(n + 3, field, 'nothing', EXPECTED.filled);
      const value = scaledReturn(cell.text);
      if (value === null) return this.#fault(n + 3, field, shown(cell.text), EXPECTED.scenarioReturn);
      into[offset + n] = value;
      stop.at = cell.next;
    }
  }

  #takeFigures(code: string, fieldType: number, bytes: Uint8Array, start: number, to: number): ImrpfFinding | null {
    const cells = start > to ? [] : cellsOf(bytes, start, to);
    if (cells === null) return this.#openQuote(null, `FieldType ${fieldType}`);
    const read = figuresOf(fieldType, cells);
    if ('column' in read) return this.#fault(read.column + 3, read.field, shown(read.came), read.expected);
    const again = this.#takenBefore(`${code}, FieldType ${fieldType}${fieldType === 7 ? `, type ${read[0]}` : ''}`);
    if (again === null) this.#figures.keep(code, fieldType, read);
    return again;
  }

  #takeLine(bytes: Uint8Array, from: number, to: number): ImrpfFinding | null {
    if (!this.#isText || isBlankFrom(bytes, from, to)) return null;
    if (this.#headed) return this.#takeRecord(bytes, from, to);
    const control = controlIn(bytes, from, to);
    if (control !== null) {
      // A zip, UTF-16: going on would find a fault in every line.
      this.#isText = false;
      return this.#fault(null, 'text', `the byte 0x${control.toString(16).padStart(2, '0')}`, EXPECTED.text);
    }
    const cells = cellsOf(bytes, from, to);
    if (cells === null) return this.#openQuote(null, 'parameter');
    const [first = '', second = ''] = cells;
    const heading = first.toLowerCase() === 'instrumentid' && second.toLowerCase() === 'fieldtype';
    return heading ? this.#takeHeader(cells) : this.#takeParameter(cells);
  }
}

/**
 * `found` gets each fault; it throws to end the reading, or returns to skip the line. `sizeBytes`, if known, is the size of
 * the whole file: the returns are then allocated once and never copied.
 */
export function createImrpfReader(found: (finding: ImrpfFinding) => void, sizeBytes?: number): ImrpfReader {
  return new Reader(found, sizeBytes);
}
