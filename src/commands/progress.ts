import type { World } from './world.ts';

const WIDTH = 30;

/**
 * Tells on standard error how far a work has come: one bar that is drawn again on a terminal, otherwise a line at each quarter.
 * Nothing for what is done at once.
 */
export function progressTeller(world: Pick<World, 'complain' | 'redraw'>): (what: string, share: number) => void {
  let [last, steps] = ['', 0];
  return (what, share) => {
    if (what !== last) [last, steps] = [what, 0];
    const step = Math.floor(Math.min(1, Math.max(0, share)) * (world.redraw ? 100 : 4));
    if (step === steps) return;
    // Done at its first word: not worth one.
    const short = steps === 0 && share >= 1;
    steps = step;
    if (short) return;
    if (!world.redraw) return world.complain(`${what}: ${step * 25} %`);
    const filled = Math.round((step / 100) * WIDTH);
    world.redraw(`${what} [${'#'.repeat(filled)}${' '.repeat(WIDTH - filled)}] ${step} %${step === 100 ? '\n' : ''}`);
  };
}
