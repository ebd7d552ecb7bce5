import type { SFTPWrapper } from 'ssh2';
import type { Instant } from '../../domain/nouns/market.ts';
import { realPath } from '../../domain/rap-tree.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { ByteRanges } from './byte-ranges.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { createFileGate, type FileGate, type FileGateOptions } from './file-gate.ts';
import { createFileReader } from './file-reader.ts';
import { Handles, numberOf, PAIR_BYTES } from './handles.ts';
import { attributesOf, longName } from './listing.ts';
import { createRequestQueue, type RequestQueue } from './request-queue.ts';
import { STATUS } from './sftp-status.ts';
import { endChannel } from './ssh2-corrections.ts';

export interface FileServerOptions extends FileGateOptions {
  readonly now: () => Instant;
  /** Called with the payload size of each packet sent. */
  readonly packetSent: (bytes: number) => void;
  /** Called when a file is closed, or the channel has answered all of its requests. */
  readonly workDone: () => void;
}

/** One SFTP channel. */
interface Channel {
  readonly sftp: SFTPWrapper;
  readonly options: FileServerOptions;
  readonly gate: FileGate;
  readonly handles: Handles;
  readonly queue: RequestQueue;
  readonly delivery: Delivery;
}

/** Names in one answer to READDIR. */
const NAMES_PER_PAGE = 100;
const OPEN_READ = 1;
/** Most bytes in one answer to READ: OpenSSH accepts packets of 256 KiB, ssh2 requests no more than it accepts. */
const MAX_READ_BYTES = 255 * 1024;

/** Requests that would change something; all are refused. */
const CHANGES = ['REMOVE', 'MKDIR', 'RMDIR', 'RENAME', 'SYMLINK', 'SETSTAT'] as const;

/**
 * Serves one SFTP channel, read-only. Requests are answered in order; each passes the gate again, except those about an
 * open handle.
 */
export function serveFiles(sftp: SFTPWrapper, options: FileServerOptions): void {
  const { connection, failed, workDone } = options;
  const { raw, underWay } = connection;
  const handles = new Handles(connection, workDone);
  const delivery = createDelivery(sftp, raw);
  const queue = createRequestQueue(sftp, raw, {
    failed,
    hold: connection.memory.hold,
    busy: () => void underWay.add(sftp),
    idle: () => void (underWay.delete(sftp) && workDone()),
  });
  const channel = { sftp, options, handles, queue, delivery, gate: createFileGate(sftp, options) };
  serveFileReads(channel);
  serveFolders(channel);
  serveAttributes(channel);
  refuseChanges(channel);
  endWith(channel);
}

/** Closes the handles when the client ends the channel, or the connection is closed. */
function endWith({ sftp, options: { connection }, handles, queue, delivery }: Channel): void {
  const { raw, atEnd } = connection;
  function closeAll(): void {
    raw.off('end', delivery.settle);
    atEnd.delete(closeAll);
    if (!raw.destroyed) delivery.settle();
    const isCut = connection.end === 'cut' || connection.end === 'drained';
    handles.closeAll(isCut ? 'cut' : 'gone');
    queue.end();
  }
  // Unless its end of the channel is answered, OpenSSH's client waits for ever after its last command.
  sftp.on('end', () => {
    closeAll();
    endChannel(sftp);
  });
  sftp.on('error', () => closeAll());
  raw.on('end', delivery.settle);
  atEnd.add(closeAll);
}

/** OPEN, READ and CLOSE. */
function serveFileReads(channel: Channel): void {
  const { sftp, options, handles, queue, delivery, gate } = channel;
  const { connection, rap, failed, packetSent } = options;
  const serve = inTurn(channel);

  sftp.on('OPEN', (id, path, flags) => {
    if (flags !== OPEN_READ) {
      return queue.add(() => gate.refuseChange(id, 'OPEN to write', path), path.length);
    }
    serve(id, { operation: 'download', what: 'OPEN', path }, (session, caller) => {
      const full = handles.full();
      if (full) return full;
      const node = rap.stat(session, path);
      const open = rap.open(session, path, caller);
      if (isRefusal(node)) return node;
      if (isRefusal(open)) return open;
      open.opened();
      const reader = createFileReader(open.file.sizeBytes, open.fill, connection.memory);
      const taken = new ByteRanges((pairs) => connection.memory.hold(pairs * PAIR_BYTES));
      sftp.handle(id, handles.add({ kind: 'file', node, open, reader, taken }));
      return {};
    });
  });

  async function read(id: number, number: number, offset: number, length: number): Promise<void> {
    const handle = handles.get(number);
    if (handle?.kind !== 'file') return noHandle(sftp, id);
    try {
      const bytes = await handle.reader.read(offset, Math.min(length, MAX_READ_BYTES));
      if (connection.raw.destroyed) return;
      if (!bytes) return sftp.status(id, STATUS.EOF);
      sftp.data(id, bytes);
      packetSent(bytes.length);
      delivery.sent(handle.taken, offset, bytes.length);
    } catch (error) {
      failed(error);
      sftp.status(id, STATUS.FAILURE, 'The file could not be read; the log of ccass-harness says why.');
    } finally {
      handle.reader.done();
    }
  }
  sftp.on('READ', (id, name, offset, length) => {
    connection.requests++;
    if (connection.logon) rap.touch(connection.logon.session);
    // Not the name itself: it would keep the whole packet in memory.
    const number = numberOf(name);
    queue.add(() => read(id, number, offset, length));
  });

  sftp.on('CLOSE', (id, name) => {
    const number = numberOf(name);
    queue.add(async () => {
      // The journal says what has left, so a client that closes ahead of its answers waits for them.
      await delivery.flushed();
      if (connection.raw.destroyed) return;
      if (handles.close(number)) sftp.status(id, STATUS.OK);
      else noHandle(sftp, id);
    });
  });
}

/** OPENDIR and READDIR. */
function serveFolders(channel: Channel): void {
  const { sftp, options, handles, queue } = channel;
  const { rap, now } = options;
  const serve = inTurn(channel);

  sftp.on('OPENDIR', (id, path) => {
    serve(id, { operation: 'reports', what: 'OPENDIR', path }, (session) => {
      const node = rap.stat(session, path);
      const entries = rap.list(session, path);
      if (isRefusal(node)) return node;
      if (isRefusal(entries)) return entries;
      const full = handles.full(entries.length);
      if (full) return full;
      sftp.handle(id, handles.add({ kind: 'folder', node, entries, next: 0 }));
      return { rows: entries.length };
    });
  });

  function read(id: number, number: number): void {
    const handle = handles.get(number);
    if (handle?.kind !== 'folder') {
      noHandle(sftp, id);
      return;
    }
    const entries = handle.entries.slice(handle.next, handle.next + NAMES_PER_PAGE);
    if (entries.length === 0) {
      sftp.status(id, STATUS.EOF);
      return;
    }
    handle.next += entries.length;
    const at = now();
    sftp.name(
      id,
      entries.map((node) => ({ filename: node.name, longname: longName(node, at), attrs: attributesOf(node) })),
    );
  }
  sftp.on('READDIR', (id, name) => {
    const number = numberOf(name);
    queue.add(() => read(id, number));
  });
}

/** STAT, LSTAT, FSTAT, REALPATH and READLINK. */
function serveAttributes(channel: Channel): void {
  const { sftp, options, handles, queue } = channel;
  const { connection, rap } = options;
  const serve = inTurn(channel);

  function stat(id: number, path: string): void {
    serve(id, { operation: 'reports', what: 'STAT', path }, (session) => {
      const node = rap.stat(session, path);
      if (isRefusal(node)) return node;
      sftp.attrs(id, attributesOf(node));
      return {};
    });
  }

  sftp.on('STAT', stat);
  sftp.on('LSTAT', stat);
  sftp.on('FSTAT', (id, name) => {
    const number = numberOf(name);
    queue.add(() => {
      const handle = handles.get(number);
      if (handle) sftp.attrs(id, attributesOf(handle.node));
      else noHandle(sftp, id);
    });
  });
  sftp.on('REALPATH', (id, path) => {
    connection.requests++;
    const filename = realPath(path);
    queue.add(() => sftp.name(id, [{ filename, longname: filename, attrs: {} as never }]), filename.length);
  });
  sftp.on('READLINK', (id) => queue.add(() => sftp.status(id, STATUS.FAILURE, 'Not a link: RAP has none.')));
  // Without a listener ssh2 answers at once, ahead of the queue and outside its budget.
  sftp.on('EXTENDED', (id: number) => queue.add(() => sftp.status(id, STATUS.OP_UNSUPPORTED)));
}

/** Serves a request in its turn. The runs that are due are not waited for in the queue: reads go on meanwhile. */
function inTurn({ gate, queue }: Channel): FileGate['serve'] {
  return (id, request, work) => queue.add(() => gate.serve(id, request, work), request.path.length);
}

function refuseChanges({ sftp, gate, queue }: Channel): void {
  const refuse = (id: number, what: string, path: string) =>
    queue.add(() => gate.refuseChange(id, what, path), path.length);
  for (const what of CHANGES) sftp.on(what, (id: number, path: string) => refuse(id, what, path));
  sftp.on('WRITE', (id) => refuse(id, 'WRITE', '/'));
  sftp.on('FSETSTAT', (id) => refuse(id, 'FSETSTAT', '/'));
}

function noHandle(sftp: SFTPWrapper, id: number): void {
  sftp.status(id, STATUS.FAILURE, 'No such handle.');
}
