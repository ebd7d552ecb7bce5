import { inputProblem, MarginInputError } from '../../domain/margin/margin-input-error.ts';
import type { MarginRun } from '../../domain/risk/margin-run.ts';
import { readImrpf } from '../../wire/imrpf/imrpf.ts';
import type { Context } from '../context.ts';
import { imrpfInForce } from '../risk/imrpf-in-force.ts';
import type { ImrpfInForce } from '../risk/setup.ts';
import { unzipped } from '../risk/unzipped.ts';

/**
 * The risk parameter file that a simulation uses: that of the run whose positions it takes, so that the default simulation
 * gives the margin of that run; without a run, the one in force now.
 * @throws MarginInputError if there is none yet
 */
export async function riskParametersOf(context: Context, run: MarginRun | null): Promise<ImrpfInForce> {
  if (run) {
    const { sha256, businessDate } = run.imrpf;
    const read = () => readImrpf(unzipped(context.store.blobs.open(sha256)));
    return { imrpf: await context.risk.imrpfCache.get(sha256, read), businessDate, sha256 };
  }
  const inForce = await imrpfInForce(context, context.clock.now());
  if (inForce) return inForce;
  throw new MarginInputError(
    inputProblem('imrpf', null, {
      en: 'a risk parameter file; advance market time past the publication of one, and try again',
      zh: '風險參數檔案；請將市場時間推進至其發布之後，再行提出',
    }),
  );
}
