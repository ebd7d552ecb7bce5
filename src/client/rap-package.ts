import { isRefusal } from '../domain/refusal.ts';
import { readCsv } from '../wire/csv-table.ts';
import { zippedEntry } from '../wire/unzip.ts';

/** A control file: it describes the data file beside it (docs/rap.md; a mock convention). */
export interface ControlFile {
  readonly reportId: string;
  readonly participantId: string;
  /** YYYYMMDD. */
  readonly businessDate: string;
  /** HHMM of the figures. */
  readonly runTime: string;
  readonly dataFile: string;
  /** Rows after the header row. */
  readonly records: number;
  /** Of the csv, as is the digest. */
  readonly bytes: number;
  readonly sha256: string;
}

/** A report as received: its content, and what is wrong with it. */
export interface RapPackage {
  readonly control: ControlFile | null;
  readonly csv: Buffer;
  /** What is wrong, as text; empty = zip, size, digest and count are as the control file says. */
  readonly faults: readonly string[];
}

const HEADINGS = ['ReportID', 'ParticipantID', 'BusinessDate', 'RunTime', 'DataFile', 'Records', 'Bytes', 'SHA256'];
/** The header row of a risk parameter file is below its parameters; that of any other file is the first row. */
const HEADER_ROW: Readonly<Record<string, RegExp>> = { RPF01: /^"?InstrumentId\b/ };

/** Unpacks the two zip files of a report and checks the data file against the control file, as a participant should. */
export async function readRapPackage(
  data: { readonly name: string; readonly bytes: Uint8Array },
  controlZip: Uint8Array,
): Promise<RapPackage> {
  const [csv, ctl] = [await unpacked(data.bytes), await unpacked(controlZip)];
  const bad = (...faults: string[]): RapPackage => ({ control: null, csv: csv.content, faults });
  if (csv.fault !== null) return bad(`data file: ${csv.fault}`);
  if (ctl.fault !== null) return bad(`control file: ${ctl.fault}`);
  const control = controlOf(ctl.content.toString());
  if (!control) return bad(`control file: expected one header row and one row of ${HEADINGS.join(', ')}`);
  const { reportId, dataFile, records, bytes, sha256 } = control;
  const [digest, rows] = [await sha256Of(csv.content), recordsOf(reportId, csv.content.toString())];
  const faults = [
    csv.name !== `${reportId}.csv` && `the data zip holds ${csv.name}, not ${reportId}.csv`,
    ctl.name !== `${reportId}.ctl` && `the control zip holds ${ctl.name}, not ${reportId}.ctl`,
    dataFile !== data.name && `the control file belongs to ${dataFile}`,
    csv.content.length !== bytes && `${csv.content.length} bytes, the control file says ${bytes}`,
    digest !== sha256 && `its SHA-256 is ${digest}, the control file says ${sha256}`,
    rows !== records && `${rows} records, the control file says ${records}`,
  ].filter((fault) => fault !== false);
  return { control, csv: csv.content, faults };
}

/** The cells of a report's column, from the first row on; empty if it has no such column. */
export function columnOf(csv: Uint8Array, heading: string): readonly string[] {
  const records = readCsv('', [{ heading, value: heading }], [heading], csv);
  return isRefusal(records) ? [] : records.map((record) => record.text(heading));
}

async function unpacked(zip: Uint8Array): Promise<{ name: string; content: Buffer; fault: string | null }> {
  const entry = zippedEntry(zip);
  if (typeof entry === 'string') return { name: '', content: Buffer.alloc(0), fault: entry };
  const { name, method, compressed, sizeBytes } = entry;
  const content = method === 'stored' ? Buffer.from(compressed) : await inflated(compressed).catch(() => null);
  if (content === null) return { name, content: Buffer.alloc(0), fault: 'it cannot be unpacked' };
  const fault = content.length === sizeBytes ? null : `got ${content.length} bytes, expected ${sizeBytes}`;
  return { name, content, fault };
}

async function inflated(compressed: Uint8Array): Promise<Buffer> {
  const stream = new Blob([new Uint8Array(compressed)]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return Buffer.from(await new Response(stream).arrayBuffer());
}

function controlOf(text: string): ControlFile | null {
  const [header, row, ...more] = text.split('\r\n').filter((line) => line !== '');
  const cells = row?.split(',') ?? [];
  if (header !== HEADINGS.join(',') || cells.length !== HEADINGS.length || more.length > 0) return null;
  const [
    reportId = '',
    participantId = '',
    businessDate = '',
    runTime = '',
    dataFile = '',
    records,
    bytes,
    sha256 = '',
  ] = cells;
  return {
    ...{ reportId, participantId, businessDate, runTime, dataFile, sha256 },
    ...{ records: Number(records), bytes: Number(bytes) },
  };
}

/** Counts rows below the header row. No file that RAP publishes has CRLF inside quotes, so CRLF ends a row. */
function recordsOf(reportId: string, csv: string): number {
  const rows = csv.split('\r\n').filter((row) => row !== '');
  const header = HEADER_ROW[reportId];
  return rows.length - 1 - (header ? rows.findIndex((row) => header.test(row)) : 0);
}

async function sha256Of(bytes: Uint8Array): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))).toString('hex');
}
