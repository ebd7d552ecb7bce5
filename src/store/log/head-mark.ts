import { hash } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Position } from '../../domain/change.ts';

/** End of the name of a log's mark, beside the log. */
export const MARK_SUFFIX = '-head';
/** Always as long, so that it is rewritten in place: a full disk has room for it. */
const BYTES = 128;

/** A commit that was durable when the mark was written. */
export interface MarkedHead extends Position {
  readonly link: string;
}

/**
 * How far a log had come, in a file of its own. SQLite takes a write-ahead log that is cut short, garbled or deleted for one
 * that a crash broke off, and goes on from an earlier commit without a word; the mark tells the two apart. It is written after
 * the commit is durable and is not waited for, so it may be behind the log after a power failure, but never ahead of it.
 */
export interface HeadMark {
  /** Writes nothing, and throws nothing, where the disk refuses: the mark then stays behind. */
  write(head: MarkedHead): void;
  /** Before the log is cut back. Durable when it returns. */
  lower(head: MarkedHead): void;
  close(): void;
}

/** The mark of a log; null without one, or if it is not as it was written. */
export function markedHead(log: string): MarkedHead | null {
  try {
    const [epoch = '', index = '', link = '', sum = ''] = readFileSync(log + MARK_SUFFIX, 'utf8')
      .trimEnd()
      .split(' ');
    if (sum !== sumOf(`${epoch} ${index} ${link}`)) return null;
    return { epoch: Number(epoch), index: Number(index), link };
  } catch {
    return null;
  }
}

export function openHeadMark(log: string): HeadMark {
  let fd: number | undefined;
  const write = (head: MarkedHead) => {
    try {
      fd ??= openSync(log + MARK_SUFFIX, constants.O_RDWR | constants.O_CREAT, 0o600);
      writeSync(fd, textOf(head), 0);
    } catch {
      // Behind the log it is of less use, and does no harm.
    }
  };
  return {
    write,
    lower(head) {
      write(head);
      if (fd !== undefined) fsyncSync(fd);
    },
    close() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}

function textOf({ epoch, index, link }: MarkedHead): string {
  const text = `${epoch} ${index} ${link}`;
  return `${text} ${sumOf(text)}`.padEnd(BYTES - 1).concat('\n');
}

const sumOf = (text: string) => hash('sha256', text).slice(0, 16);
