import type { DownloadEnd } from '../../domain/journal/kinds/files.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { OpenRapFile, RapNode } from '../../service/rap/tree.ts';
import type { ByteRanges } from './byte-ranges.ts';
import type { SftpConnection } from './connection.ts';
import type { FileReader } from './file-reader.ts';

export interface FileHandle {
  readonly kind: 'file';
  readonly node: RapNode;
  readonly open: OpenRapFile;
  readonly reader: FileReader;
  /** The bytes that the client has taken. */
  readonly taken: ByteRanges;
}

export interface FolderHandle {
  readonly kind: 'folder';
  readonly node: RapNode;
  readonly entries: readonly RapNode[];
  /** Index of the entry that the next READDIR begins with. */
  next: number;
}

export type Handle = FileHandle | FolderHandle;

/** Assumed. */
const MAX_HANDLES = 256;

/** Estimates, rather too high: a handle with its reader, an entry of a folder, a range of a file. */
const HANDLE_BYTES = 4096;
const ENTRY_BYTES = 512;
export const PAIR_BYTES = 128;

const bytesOf = (handle: Handle) => HANDLE_BYTES + (handle.kind === 'folder' ? handle.entries.length * ENTRY_BYTES : 0);

/**
 * The open files and folders of one SFTP channel. An open file is work under way, also after its last byte: until the
 * client closes it, the client may not have received that byte.
 */
export class Handles {
  readonly #connection: SftpConnection;
  readonly #workDone: () => void;
  readonly #open = new Map<number, Handle>();
  #last = 0;

  constructor(connection: SftpConnection, workDone: () => void) {
    this.#connection = connection;
    this.#workDone = workDone;
  }

  /** The refusal of one more handle, with a list of so many entries; null while the limits are not reached. */
  full(entries = 0): Refusal | null {
    if (this.#open.size >= MAX_HANDLES) return tooManyHandles();
    return this.#connection.memory.fits(HANDLE_BYTES + entries * ENTRY_BYTES) ? null : tooMuchHeld();
  }

  /** Returns the name that the client uses for the handle. */
  add(handle: Handle): Buffer {
    if (handle.kind === 'file') this.#connection.underWay.add(handle);
    this.#connection.memory.hold(bytesOf(handle));
    this.#last = (this.#last + 1) >>> 0;
    this.#open.set(this.#last, handle);
    const name = Buffer.alloc(4);
    name.writeUInt32BE(this.#last);
    return name;
  }

  get(number: number): Handle | undefined {
    return this.#open.get(number);
  }

  /** Returns false if no handle has this number. */
  close(number: number): boolean {
    const handle = this.get(number);
    if (!handle) return false;
    this.#open.delete(number);
    this.#closed(handle, 'closed-by-client');
    return true;
  }

  closeAll(ended: DownloadEnd): void {
    for (const handle of this.#open.values()) this.#closed(handle, ended);
    this.#open.clear();
  }

  #closed(handle: Handle, ended: DownloadEnd): void {
    this.#connection.memory.hold(-bytesOf(handle));
    if (handle.kind !== 'file') return;
    handle.reader.end();
    this.#connection.memory.hold(-handle.taken.pairs.length * PAIR_BYTES);
    this.#connection.underWay.delete(handle);
    handle.open.closed(handle.taken.pairs, ended);
    this.#workDone();
  }
}

/** A handle's number by its name; 0, which no handle has, for any other name. */
export const numberOf = (name: Buffer) => (name.length === 4 ? name.readUInt32BE() : 0);

function tooManyHandles(): Refusal {
  return refuse('BAD_REQUEST', {
    en: `${MAX_HANDLES} files and folders are open on this connection. Close some first.`,
    zh: `此連線已開啟 ${MAX_HANDLES} 個檔案及文件夾，請先關閉部分。`,
  });
}

function tooMuchHeld(): Refusal {
  return refuse('BAD_REQUEST', {
    en: 'The open files and folders of this connection, or of this user, take all of the memory that they may. Close some first.',
    zh: '此連線或此用戶所開啟的檔案及文件夾已用盡可用記憶體，請先關閉部分。',
  });
}
