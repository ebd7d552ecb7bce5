const NEWLINE = 0x0a;
const SPACE = 0x20;
/** As much of a line as tells whether it begins with InstrumentId. */
const HEAD_BYTES = 16;

/** Counts the records of a csv as its pieces pass: lines that are not blank, after the header row. */
export class CsvRecords {
  readonly #isHeader: (line: string) => boolean;
  #lines = 0;
  /** Lines before the header row, once it has passed. */
  #before: number | undefined;
  #head = '';
  #isBlank = true;

  /** Of RPF01 the header row begins with InstrumentId and follows others; of any other report it is the first. */
  constructor(reportId: string) {
    this.#isHeader = reportId === 'RPF01' ? (line) => /^"?InstrumentI[dD]/.test(line) : () => true;
  }

  add(piece: Uint8Array): void {
    let from = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
      this.#part(piece.subarray(from, end));
      this.#endLine();
      from = end + 1;
    }
    this.#part(piece.subarray(from));
  }

  /** To be asked once all pieces have passed. */
  count(): number {
    if (!this.#isBlank) this.#endLine();
    return Math.max(0, this.#lines - (this.#before ?? 0) - 1);
  }

  #part(part: Uint8Array): void {
    if (this.#head.length < HEAD_BYTES) this.#head += Buffer.from(part.subarray(0, HEAD_BYTES)).toString('latin1');
    this.#isBlank &&= part.every((byte) => byte <= SPACE);
  }

  #endLine(): void {
    if (!this.#isBlank) {
      if (this.#isHeader(this.#head)) this.#before ??= this.#lines;
      this.#lines++;
    }
    this.#head = '';
    this.#isBlank = true;
  }
}
