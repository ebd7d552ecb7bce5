/** Reports what `work` throws and goes on, even if the report fails too: an alarm must not stop the market. */
export async function guarded(report: (error: unknown) => void, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    try {
      report(error);
    } catch {
      // Nobody is left to tell.
    }
  }
}
