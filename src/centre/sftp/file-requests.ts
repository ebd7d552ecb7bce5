import type { SFTPWrapper } from 'ssh2';
import type { Operation } from '../../domain/calendar/rehearsal.ts';
import type { DownloadEnd } from '../../domain/journal/kinds/files.ts';
import { clientText, msBetween } from '../../domain/journal/shape.ts';
import type { Instant } from '../../domain/nouns/market.ts';
import { realPath } from '../../domain/rap-tree.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Session } from '../../service/access/sessions.ts';
import type { Caller } from '../../service/context.ts';
import type { RapService } from '../../service/rap/rap.ts';
import type { OpenRapFile, RapNode } from '../../service/rap/tree.ts';
import type { CentreService } from '../../service/service.ts';
import { callerOf, type SftpConnection } from './connection.ts';
import { createFileReader, type FileReader } from './file-reader.ts';
import { attributesOf, longName } from './listing.ts';
import { createReadQueue } from './read-queue.ts';
import { STATUS, statusOf } from './sftp-status.ts';

type Handle =
  | { readonly kind: 'file'; readonly node: RapNode; readonly open: OpenRapFile; readonly reader: FileReader }
  | { readonly kind: 'folder'; readonly node: RapNode; readonly entries: readonly RapNode[]; next: number };

export interface FileDesk {
  readonly connection: SftpConnection;
  readonly rap: RapService;
  readonly admit: CentreService['admit'];
  readonly pendingRuns: CentreService['riskRuns']['pending'];
  readonly now: () => Instant;
  /** Unix milliseconds that never fall. */
  readonly wallMs: () => number;
  /** A fault of our own. */
  readonly failed: (error: unknown) => void;
  /** Called with the payload size of each packet sent. */
  readonly packetSent: (bytes: number) => void;
  /** A file was closed, or is read to its end. */
  readonly transferDone: () => void;
  /** The session is over: the client is to go. */
  readonly leave: () => void;
}

/** A request that is admitted anew. */
interface FileRequest {
  readonly operation: Operation;
  readonly what: 'STAT' | 'OPEN' | 'OPENDIR';
  readonly path: string;
}
type Work = (session: Session, caller: Caller) => Refusal | { readonly rows?: number };

/** Names in one answer to READDIR. */
const NAMES_A_PAGE = 100;
/** Assumed. */
const MOST_HANDLES = 256;
const OPEN_READ = 1;

/** What SFTP may ask to change: all of it is refused, and nothing is left of it. */
const CHANGES = ['REMOVE', 'MKDIR', 'RMDIR', 'RENAME', 'SYMLINK', 'SETSTAT'] as const;

/** Serves the requests of one SFTP channel, read-only. Each is admitted anew, but for reads of a file that is open. */
export function serveFiles(sftp: SFTPWrapper, desk: FileDesk): void {
  const { connection, rap, now, transferDone } = desk;
  const handles = new Map<number, Handle>();
  let lastHandle = 0;
  const reads = createReadQueue(sftp, connection.raw, desk);

  function admitted(operation: Operation, caller: Caller): Session | Refusal {
    const admission = desk.admit({ operation }, caller, connection.logon?.token ?? null);
    if (isRefusal(admission)) return admission;
    if (!admission.session) throw new Error(`SFTP ${operation} was admitted without a session`);
    return admission.session;
  }

  function refused(id: number, { refusal, detail }: Refusal): void {
    sftp.status(id, statusOf(refusal), detail.en);
    if (refusal === 'SESSION_ENDED' || refusal === 'NO_SESSION') desk.leave();
  }

  /** Serves a request once the runs that are due are done: each of them shows what runs made. */
  function serve(id: number, request: FileRequest, work: Work): void {
    const runs = desk.pendingRuns();
    if (runs) void runs.then(() => answer(id, request, work));
    else answer(id, request, work);
  }

  /** Does what a request asks for, or says why not. */
  function answer(id: number, request: FileRequest, work: Work): void {
    connection.requests++;
    const caller = callerOf(connection);
    const startedMs = desk.wallMs();
    try {
      const session = admitted(request.operation, caller);
      const result = isRefusal(session) ? session : work(session, caller);
      if (isRefusal(result)) refused(id, result);
      noteAnswer(desk, request, caller, { session, answer: result, startedMs });
    } catch (error) {
      desk.failed(error);
      sftp.status(id, STATUS.FAILURE, 'A fault of ccass-harness; its log has the trace.');
    }
  }

  function given(id: number, handle: Handle): void {
    lastHandle = (lastHandle + 1) >>> 0;
    handles.set(lastHandle, handle);
    const name = Buffer.alloc(4);
    name.writeUInt32BE(lastHandle);
    sftp.handle(id, name);
  }

  const numberOf = (handle: Buffer) => (handle.length === 4 ? handle.readUInt32BE() : 0);
  const noHandle = (id: number) => sftp.status(id, STATUS.FAILURE, 'No such handle.');

  function close(handle: Handle, ended: DownloadEnd): void {
    if (handle.kind !== 'file') return;
    connection.transfers.delete(handle);
    handle.open.closed(handle.reader.ranges(), ended);
    transferDone();
  }

  function closeAll(): void {
    const isCut = connection.end === 'cut' || connection.end === 'drained';
    for (const handle of handles.values()) close(handle, isCut ? 'cut' : 'gone');
    handles.clear();
    reads.end();
    connection.atEnd.delete(closeAll);
  }

  function stat(id: number, path: string): void {
    serve(id, { operation: 'reports', what: 'STAT', path }, (session) => {
      const node = rap.stat(session, path);
      if (isRefusal(node)) return node;
      sftp.attrs(id, attributesOf(node));
      return {};
    });
  }

  sftp.on('OPEN', (id, path, flags) => {
    if (flags !== OPEN_READ) return change(id, 'OPEN to write', path);
    serve(id, { operation: 'download', what: 'OPEN', path }, (session, caller) => {
      if (handles.size >= MOST_HANDLES) return tooManyHandles();
      const node = rap.stat(session, path);
      const open = rap.open(session, path, caller);
      if (isRefusal(node)) return node;
      if (isRefusal(open)) return open;
      open.opened();
      const reader = createFileReader(open.file.sizeBytes, open.fill);
      const handle: Handle = { kind: 'file', node, open, reader };
      if (!reader.isWhole()) connection.transfers.add(handle);
      given(id, handle);
      return {};
    });
  });

  sftp.on('READ', (id, name, offset, length) => {
    connection.requests++;
    if (connection.logon) rap.touch(connection.logon.session);
    const handle = handles.get(numberOf(name));
    if (handle?.kind !== 'file') return noHandle(id);
    reads.add({
      id,
      length,
      async read(most) {
        const bytes = await handle.reader.read(offset, Math.min(length, most));
        if (handle.reader.isWhole() && connection.transfers.delete(handle)) transferDone();
        return bytes;
      },
    });
  });

  sftp.on('OPENDIR', (id, path) => {
    serve(id, { operation: 'reports', what: 'OPENDIR', path }, (session) => {
      if (handles.size >= MOST_HANDLES) return tooManyHandles();
      const node = rap.stat(session, path);
      const entries = rap.list(session, path);
      if (isRefusal(node)) return node;
      if (isRefusal(entries)) return entries;
      given(id, { kind: 'folder', node, entries, next: 0 });
      return { rows: entries.length };
    });
  });

  sftp.on('READDIR', (id, name) => {
    const handle = handles.get(numberOf(name));
    if (handle?.kind !== 'folder') return noHandle(id);
    const entries = handle.entries.slice(handle.next, handle.next + NAMES_A_PAGE);
    if (entries.length === 0) return sftp.status(id, STATUS.EOF);
    handle.next += entries.length;
    const at = now();
    sftp.name(
      id,
      entries.map((node) => ({ filename: node.name, longname: longName(node, at), attrs: attributesOf(node) })),
    );
  });

  sftp.on('CLOSE', (id, name) => {
    const handle = handles.get(numberOf(name));
    if (!handle) return noHandle(id);
    handles.delete(numberOf(name));
    close(handle, 'closed-by-client');
    sftp.status(id, STATUS.OK);
  });

  sftp.on('STAT', stat);
  sftp.on('LSTAT', stat);
  sftp.on('FSTAT', (id, name) => {
    const handle = handles.get(numberOf(name));
    if (handle) sftp.attrs(id, attributesOf(handle.node));
    else noHandle(id);
  });
  sftp.on('REALPATH', (id, path) => {
    connection.requests++;
    const filename = realPath(path);
    sftp.name(id, [{ filename, longname: filename, attrs: {} as never }]);
  });
  sftp.on('READLINK', (id) => sftp.status(id, STATUS.FAILURE, 'Nothing here is a link.'));

  function change(id: number, what: string, path: string): void {
    connection.requests++;
    const caller = callerOf(connection);
    const session = connection.logon?.session ?? null;
    const refusal = readOnly(what, path);
    const verb = { operation: 'unsupported', what } as const;
    rap.refuse(refusal, verb, caller, session);
    refused(id, refusal);
    const about = clientText(realPath(path));
    rap.answered(caller, session, { ...verb, about, code: refusal.refusal, sent: 'all', ms: 0 });
  }
  for (const what of CHANGES) sftp.on(what, (id: number, path: string) => change(id, what, path));
  sftp.on('WRITE', (id) => change(id, 'WRITE', '/'));
  sftp.on('FSETSTAT', (id) => change(id, 'FSETSTAT', '/'));

  // Without an answer to its end, OpenSSH's client waits for ever after its last command.
  sftp.on('end', () => {
    closeAll();
    sftp.end();
  });
  sftp.on('error', () => closeAll());
  connection.atEnd.add(closeAll);
}

interface Answered {
  readonly session: Session | Refusal;
  readonly answer: ReturnType<Work>;
  readonly startedMs: number;
}

/** Notes the end of a request. Clients ask what stands at a path all the time: the journal would hold little else. */
function noteAnswer(
  { connection, rap, wallMs }: FileDesk,
  { operation, what, path }: FileRequest,
  caller: Caller,
  { session, answer, startedMs }: Answered,
): void {
  if (what === 'STAT') return;
  // The gate has noted what it refused.
  if (isRefusal(answer) && !isRefusal(session)) rap.refuse(answer, { operation, what }, caller, session);
  const known = isRefusal(session) ? (connection.logon?.session ?? null) : session;
  rap.answered(caller, known, {
    ...{ operation, what, about: clientText(realPath(path)) },
    ...(isRefusal(answer) ? { code: answer.refusal } : answer),
    sent: connection.raw.destroyed ? 'none' : 'all',
    ms: msBetween(startedMs, wallMs()),
  });
}

function readOnly(what: string, path: string): Refusal {
  return refuse('NOT_ENTITLED', {
    en: `${what} ${realPath(path).slice(0, 200)}: RAP is for downloads only. Nothing was changed; use get and ls.`,
    zh: `${what} ${realPath(path).slice(0, 200)}：RAP 只供下載，並無任何更改。請使用 get 及 ls。`,
  });
}

function tooManyHandles(): Refusal {
  return refuse('BAD_REQUEST', {
    en: `${MOST_HANDLES} files and folders are open on this connection. Close some first.`,
    zh: `此連線已開啟 ${MOST_HANDLES} 個檔案及文件夾，請先關閉部分。`,
  });
}
