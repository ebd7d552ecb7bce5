import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { FileBlobs } from '../../../src/store/blobs/file-blobs.ts';
import { MemoryBlobs } from '../../../src/store/blobs/memory-blobs.ts';
import { blobsContract } from './blobs.contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'memory-blobs-'));
afterAll(() => rmSync(folder, { recursive: true }));

blobsContract(
  'in memory',
  async () => new MemoryBlobs(),
  async () => (await FileBlobs.open(folder)).blobs,
);
