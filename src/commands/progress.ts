import type { CliContext } from './cli-context.ts';

const WIDTH = 30;

/**
 * Shows progress on standard error: a bar that is redrawn on a terminal, otherwise a line at each quarter. Shows nothing
 * if the work is done at the first report.
 */
export function progressReporter(
  context: Pick<CliContext, 'printError' | 'redraw'>,
): (what: string, share: number) => void {
  let [last, steps] = ['', 0];
  return (what, share) => {
    if (what !== last) [last, steps] = [what, 0];
    const step = Math.floor(Math.min(1, Math.max(0, share)) * (context.redraw ? 100 : 4));
    if (step === steps) return;
    // Done at its first report: not worth showing.
    const short = steps === 0 && share >= 1;
    steps = step;
    if (short) return;
    if (!context.redraw) return context.printError(`${what}: ${step * 25} %`);
    const filled = Math.round((step / 100) * WIDTH);
    context.redraw(`${what} [${'#'.repeat(filled)}${' '.repeat(WIDTH - filled)}] ${step} %${step === 100 ? '\n' : ''}`);
  };
}
