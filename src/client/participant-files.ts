import type { MarketDate } from '../domain/nouns/market.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { FieldValues } from '../wire/field-value.ts';
import { compileLayout, type Layout } from '../wire/layout.ts';
import { type FileRead, readRecords, writeRecords } from '../wire/report-file.ts';

/** One settlement instruction as a participant's own system has it. */
export interface NewInstruction {
  /** Unique for participant and market date, at most 16 characters. */
  readonly reference: string;
  readonly side: 'D' | 'R';
  /** Five digits. */
  readonly stock: string;
  readonly isin: string;
  readonly quantity: number;
  readonly counterparty: string;
  readonly account: string;
  readonly payment: 'FOP' | 'DVP' | 'RDP';
  /** Empty with FOP. */
  readonly currency: '' | 'HKD' | 'CNY' | 'USD';
  /** Zero with FOP. */
  readonly amountCents: number;
  readonly settlementDate: MarketDate;
  readonly hold?: boolean;
  readonly narrative?: string;
}

export interface InstructionFile {
  readonly participant: string;
  readonly marketDate: MarketDate;
  /** From 1, unique for participant and market date. */
  readonly sequence: number;
  readonly instructions: readonly NewInstruction[];
}

/** A participant's files: makes those to upload, reads and verifies those downloaded. */
export interface ParticipantFiles {
  /** A ZSIUP01 batch file, ready for upload. */
  instructions(file: InstructionFile): Uint8Array;
  /** A data file, verified and read by the layout of its ID; null if that layout is not known. */
  read(id: string, bytes: Uint8Array): FileRead | null;
}

/** The only market code that batch files may have (otherwise WRONG_MARKET). */
const MARKET = 'HKMK';

/**
 * @param layouts record layouts by ID, as the JSON of fixtures/layouts/ or the participant's files
 * @throws Error if a layout is not valid, or if ZSIUP01 is needed and missing
 */
export function participantFiles(layouts: Readonly<Record<string, unknown>>): ParticipantFiles {
  const compiled = new Map<string, Layout>();
  function layoutOf(id: string): Layout | null {
    const known = compiled.get(id);
    if (known || layouts[id] === undefined) return known ?? null;
    const layout = compileLayout(layouts[id]);
    if (isRefusal(layout)) throw new Error(layout.detail.en);
    compiled.set(id, layout);
    return layout;
  }
  return {
    instructions({ participant, marketDate, sequence, instructions }) {
      const layout = layoutOf('ZSIUP01');
      if (!layout) throw new Error('the layout ZSIUP01 is missing: pass the layouts of fixtures/layouts/, or yours');
      const header = {
        participant,
        market: MARKET,
        businessDate: marketDate,
        sequence: String(sequence).padStart(4, '0'),
      };
      return Buffer.concat([...writeRecords(layout, header, instructions.map(detail))]);
    },
    read(id, bytes) {
      const layout = layoutOf(id);
      return layout && readRecords(layout, bytes);
    },
  };
}

function detail({ hold = false, narrative = '', ...instruction }: NewInstruction): FieldValues {
  return { ...instruction, hold: hold ? 'Y' : 'N', narrative };
}
