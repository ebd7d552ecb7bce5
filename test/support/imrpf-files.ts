import type { Imrpf } from '../../src/domain/imrpf/imrpf.ts';
import { type ImrpfReadOptions, readImrpf } from '../../src/wire/imrpf/imrpf.ts';
import { ImrpfFault, type ImrpfFinding } from '../../src/wire/imrpf/imrpf-fault.ts';

/** Parameter rows like the guide's sample, for three scenarios each. */
export const PARAMETER_ROWS: Readonly<Record<string, string>> = {
  Valuation_DT: '1/4/2019',
  HVaR_WGT: '0.75',
  SVaR_WGT: '0.25',
  HVaR_Scen_Count: '3',
  SVaR_Scen_Count: '2',
  STV_Count: '200',
  HVaR_CL: '0.994',
  SVaR_CL: '0.98',
  HVaR_Measure: '4',
  SVaR_Measure: '4',
  Rounding: '10000',
  Holiday_Factor: '0.7320508075',
};
const HEADER = 'InstrumentId,FieldType,1,2,3';

/** A file: the parameters, some of them changed or (null) left out, the header, and the records. */
export function imrpfText(
  records: readonly string[] = [],
  over: Readonly<Record<string, string | null>> = {},
  header: string | null = HEADER,
): string {
  const parameters = Object.entries({ ...PARAMETER_ROWS, ...over }).flatMap(([name, value]) =>
    value === null ? [] : [`${name},${value}`],
  );
  return [...parameters, ...(header === null ? [] : [header]), ...records].map((line) => `${line}\r\n`).join('');
}

export function reading(file: string | Uint8Array, options?: ImrpfReadOptions): Promise<Imrpf> {
  return readImrpf([typeof file === 'string' ? Buffer.from(file) : file], options);
}

/** The problems of an invalid file. Throws any other error. */
export async function findingIn(file: string | Uint8Array): Promise<ImrpfFinding> {
  try {
    await reading(file);
  } catch (error) {
    if (error instanceof ImrpfFault) return error.finding;
    throw error;
  }
  throw new Error('the file was taken');
}
