import { createMemoryLog } from '../../../src/store/log/memory-log.ts';
import { logContract } from './log.contract.ts';

logContract('in memory', async () => createMemoryLog());
