/** A program: serves a file of 16 MiB from the disk again and again, and prints how much its memory grew over 1 GiB. */
import { folder, publish, rapNight } from '../../support/rap-day.ts';
import { fetched, MIB, noise, session } from '../../support/rap-reading.ts';

await using data = await folder();
await using harness = await rapNight({ data: data.path });
const [file] = await publish(harness, noise(16 * MIB));
const { client, sftp } = await session(harness);
const path = `/INBOX/20210723/${file.name}`;
const round = () => fetched(sftp, path, file.sizeBytes, () => undefined);
for (let n = 0; n < 4; n++) await round();
const before = process.memoryUsage().rss;
let servedBytes = 0;
for (; servedBytes < 1024 * MIB; servedBytes += file.sizeBytes) await round();
// The client is in this process as well; what it reads is garbage soon.
console.log(JSON.stringify({ servedBytes, grownBytes: process.memoryUsage().rss - before }));
client.end();
