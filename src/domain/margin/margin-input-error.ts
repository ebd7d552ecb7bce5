/** An input that margins cannot be computed of. All faults at once, each naming the member, what came and what was expected. */
export class MarginInputError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'MarginInputError';
    this.faults = faults;
  }
}
