import type { SFTPWrapper } from 'ssh2';
import type { Instant } from '../../domain/nouns/market.ts';
import { realPath } from '../../domain/rap-tree.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { createFileGate, type FileGate, type FileGateOptions } from './file-gate.ts';
import { createFileReader } from './file-reader.ts';
import { Handles } from './handles.ts';
import { attributesOf, longName } from './listing.ts';
import { createReadQueue } from './read-queue.ts';
import { STATUS } from './sftp-status.ts';

export interface FileServerOptions extends FileGateOptions {
  readonly now: () => Instant;
  /** Called with the payload size of each packet sent. */
  readonly packetSent: (bytes: number) => void;
  /** Called when a file is closed or read to its end. */
  readonly transferDone: () => void;
}

/** One SFTP channel. */
interface Channel {
  readonly sftp: SFTPWrapper;
  readonly options: FileServerOptions;
  readonly gate: FileGate;
  readonly handles: Handles;
}

/** Names in one answer to READDIR. */
const NAMES_PER_PAGE = 100;
const OPEN_READ = 1;

/** Requests that would change something; all are refused. */
const CHANGES = ['REMOVE', 'MKDIR', 'RMDIR', 'RENAME', 'SYMLINK', 'SETSTAT'] as const;

/** Serves one SFTP channel, read-only. Each request passes the gate again, except reads of an open file. */
export function serveFiles(sftp: SFTPWrapper, options: FileServerOptions): void {
  const { connection } = options;
  const handles = new Handles(connection, options.transferDone);
  const channel = { sftp, options, handles, gate: createFileGate(sftp, options) };
  const endReads = serveFileReads(channel);
  serveFolders(channel);
  serveAttributes(channel);
  refuseChanges(channel);
  sftp.on('CLOSE', (id, name) => {
    if (handles.close(name)) sftp.status(id, STATUS.OK);
    else noHandle(sftp, id);
  });

  function closeAll(): void {
    const isCut = connection.end === 'cut' || connection.end === 'drained';
    handles.closeAll(isCut ? 'cut' : 'gone');
    endReads();
    connection.atEnd.delete(closeAll);
  }
  // Unless its end of the channel is answered, OpenSSH's client waits for ever after its last command.
  sftp.on('end', () => {
    closeAll();
    sftp.end();
  });
  sftp.on('error', () => closeAll());
  connection.atEnd.add(closeAll);
}

/** OPEN and READ. Returns a function that drops the queued reads. */
function serveFileReads({ sftp, options, handles, gate }: Channel): () => void {
  const { connection, rap } = options;
  const reads = createReadQueue(sftp, connection.raw, options);

  sftp.on('OPEN', (id, path, flags) => {
    if (flags !== OPEN_READ) return gate.refuseChange(id, 'OPEN to write', path);
    gate.serve(id, { operation: 'download', what: 'OPEN', path }, (session, caller) => {
      const full = handles.full();
      if (full) return full;
      const node = rap.stat(session, path);
      const open = rap.open(session, path, caller);
      if (isRefusal(node)) return node;
      if (isRefusal(open)) return open;
      open.opened();
      const reader = createFileReader(open.file.sizeBytes, open.fill);
      sftp.handle(id, handles.add({ kind: 'file', node, open, reader }));
      return {};
    });
  });

  sftp.on('READ', (id, name, offset, length) => {
    connection.requests++;
    if (connection.logon) rap.touch(connection.logon.session);
    const handle = handles.get(name);
    if (handle?.kind !== 'file') return noHandle(sftp, id);
    reads.add({
      id,
      length,
      async read(most) {
        const bytes = await handle.reader.read(offset, Math.min(length, most));
        handles.wasRead(handle);
        return bytes;
      },
    });
  });
  return reads.end;
}

/** OPENDIR and READDIR. */
function serveFolders({ sftp, options, handles, gate }: Channel): void {
  const { rap, now } = options;

  sftp.on('OPENDIR', (id, path) => {
    gate.serve(id, { operation: 'reports', what: 'OPENDIR', path }, (session) => {
      const full = handles.full();
      if (full) return full;
      const node = rap.stat(session, path);
      const entries = rap.list(session, path);
      if (isRefusal(node)) return node;
      if (isRefusal(entries)) return entries;
      sftp.handle(id, handles.add({ kind: 'folder', node, entries, next: 0 }));
      return { rows: entries.length };
    });
  });

  sftp.on('READDIR', (id, name) => {
    const handle = handles.get(name);
    if (handle?.kind !== 'folder') return noHandle(sftp, id);
    const entries = handle.entries.slice(handle.next, handle.next + NAMES_PER_PAGE);
    if (entries.length === 0) return sftp.status(id, STATUS.EOF);
    handle.next += entries.length;
    const at = now();
    sftp.name(
      id,
      entries.map((node) => ({ filename: node.name, longname: longName(node, at), attrs: attributesOf(node) })),
    );
  });
}

/** STAT, LSTAT, FSTAT, REALPATH and READLINK. */
function serveAttributes({ sftp, options, handles, gate }: Channel): void {
  const { connection, rap } = options;

  function stat(id: number, path: string): void {
    gate.serve(id, { operation: 'reports', what: 'STAT', path }, (session) => {
      const node = rap.stat(session, path);
      if (isRefusal(node)) return node;
      sftp.attrs(id, attributesOf(node));
      return {};
    });
  }

  sftp.on('STAT', stat);
  sftp.on('LSTAT', stat);
  sftp.on('FSTAT', (id, name) => {
    const handle = handles.get(name);
    if (handle) sftp.attrs(id, attributesOf(handle.node));
    else noHandle(sftp, id);
  });
  sftp.on('REALPATH', (id, path) => {
    connection.requests++;
    const filename = realPath(path);
    sftp.name(id, [{ filename, longname: filename, attrs: {} as never }]);
  });
  sftp.on('READLINK', (id) => sftp.status(id, STATUS.FAILURE, 'Not a link: RAP has none.'));
}

function refuseChanges({ sftp, gate }: Channel): void {
  for (const what of CHANGES) sftp.on(what, (id: number, path: string) => gate.refuseChange(id, what, path));
  sftp.on('WRITE', (id) => gate.refuseChange(id, 'WRITE', '/'));
  sftp.on('FSETSTAT', (id) => gate.refuseChange(id, 'FSETSTAT', '/'));
}

function noHandle(sftp: SFTPWrapper, id: number): void {
  sftp.status(id, STATUS.FAILURE, 'No such handle.');
}
