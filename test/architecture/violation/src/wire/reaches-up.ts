// The deliberate violation: wire is pure and may not know the store. test/architecture/ checks that it is found.
import { rows } from '../store/rows.ts';

export const count = rows.length;
