import { put } from '../../domain/change.ts';
import type { Batch } from '../../domain/nouns/instructions.ts';
import { isDiskFull, isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import { SERIES, seriesKey } from '../../domain/series.ts';
import type { HeaderRead } from '../../wire/batch-file.ts';
import { refused } from '../access/admission.ts';
import type { Session } from '../access/sessions.ts';
import type { Caller, Context } from '../context.ts';
import { requestHead } from '../journal-entries.ts';
import type { BatchKinds } from './batch-kinds.ts';

export interface KeptBatch {
  readonly batch: Batch;
  /** The same file was uploaded before; `batch` is the first one. */
  readonly repeat: boolean;
}

/**
 * Reads an uploaded file to its end, stores it durably and gives it a batch reference. Errors inside the file are found
 * later (batch-steps.ts); only another participant's file and a used sequence number are refused at once.
 * The same content under the same participant, file ID, date and sequence is a repeat, answered with the first batch.
 * A stream that breaks off leaves nothing.
 */
export async function submitBatch(
  context: Context,
  kinds: BatchKinds,
  limitBytes: number,
  session: Session,
  bytes: AsyncIterable<Uint8Array>,
  caller: Caller,
): Promise<KeptBatch | Refusal> {
  const answer = await keep(context, kinds, limitBytes, session, bytes);
  if (isRefusal(answer)) return refused(context, answer, { operation: 'upload' }, caller, session);
  const { batch, repeat } = answer;
  context.journal.note('upload', requestHead(context, caller, session), {
    ...{ batch: batch.reference, fileId: batch.fileId, businessDate: batch.headerDate, sequence: batch.sequence },
    ...{ sha256: batch.sha256, sizeBytes: batch.sizeBytes, repeat },
  });
  return answer;
}

async function keep(
  context: Context,
  kinds: BatchKinds,
  limitBytes: number,
  session: Session,
  bytes: AsyncIterable<Uint8Array>,
): Promise<KeptBatch | Refusal> {
  const { store } = context;
  const { participant, user } = session;
  const head = new Uint8Array(kinds.headerBytes);
  let size = 0;
  let read: HeaderRead | undefined;
  let turnedAway: Refusal | undefined;

  async function* watched(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      if (size < head.length) head.set(chunk.subarray(0, head.length - size), size);
      size += chunk.length;
      if (size > limitBytes) {
        turnedAway = tooLarge(limitBytes);
        throw new TurnedAway();
      }
      if (!read && size >= head.length) {
        read = kinds.read(head);
        turnedAway = othersFile(read, participant);
      }
      // Another participant's file is read to its end, so that the client gets the answer, but none of it is stored.
      if (!turnedAway) yield chunk;
    }
    read ??= kinds.read(head.subarray(0, size));
    turnedAway ??= othersFile(read, participant);
    if (turnedAway) throw new TurnedAway();
  }

  const kept = await store.blobs.put(watched()).catch((error: unknown) => turnedAway ?? notStored(error));
  if (isRefusal(kept)) return kept;
  const header = read?.header;

  const answer = await store.transact<KeptBatch>((books, at) => {
    const key = {
      participant,
      fileId: header?.fileId ?? '',
      headerDate: header?.businessDate ?? '',
      sequence: header?.sequence ?? '',
    };
    const use = books.batchBySequence(key.participant, key.fileId, key.headerDate, key.sequence);
    const same = [...(use.batch ? [use.batch] : []), ...use.discarded].filter((batch) => batch.sha256 === kept.sha256);
    const first = same.toSorted((a, b) => (a.reference < b.reference ? -1 : 1))[0];
    if (first) return { changes: [], answer: { batch: first, repeat: true } };
    // A file without a readable header has no sequence number that could be in use.
    if (header && use.batch && use.batch.status !== 'discarded') return sequenceUsed(use.batch);
    const next = books.counter('batch');
    const batch: Batch = {
      ...key,
      reference: seriesKey(SERIES.batch, next),
      user,
      market: header?.market ?? '',
      sha256: kept.sha256,
      sizeBytes: kept.sizeBytes,
      receivedAt: at,
      receivedBy: context.centre,
      status: 'received',
      records: 0,
      nextRow: 0,
      accepted: 0,
      refused: 0,
      fault: null,
      reports: [],
    };
    return {
      changes: [put('batch', batch), put('counter', { name: 'batch', next: next + 1 })],
      answer: { batch, repeat: false },
    };
  });
  // The first batch may not be durable yet; its reference is given out only once it is.
  if (!isRefusal(answer) && answer.repeat) await store.idle();
  return answer;
}

class TurnedAway extends Error {}

/** Thrown by a listener's stream if a body breaks off or cannot be decoded. */
export class BrokenBody extends Error {}

function othersFile(read: HeaderRead, participant: string): Refusal | undefined {
  const owner = read.header?.participant;
  if (owner === undefined || owner === participant) return undefined;
  return refuse('WRONG_PARTICIPANT', {
    en: `The header names participant ${owner} and you are logged on as ${participant}. Log on as ${owner}, or correct positions 2 to 7 of the first record.`,
    zh: `檔案標頭的參與者為 ${owner}，而閣下以 ${participant} 登入。請以 ${owner} 登入，或更正首項記錄第 2 至 7 位。`,
  });
}

export function tooLarge(limitBytes: number): Refusal {
  const mib = Math.floor(limitBytes / 1_048_576);
  return refuse('TOO_LARGE', {
    en: `A batch file may have ${mib} MiB (decoded). Divide it into several, each with its own sequence number.`,
    zh: `批次檔案上限為 ${mib} MiB（解壓後）。請分拆為多個檔案，各用不同序號。`,
  });
}

function sequenceUsed(batch: Batch): Refusal {
  return refuse(
    'SEQUENCE_USED',
    {
      en: `Sequence ${batch.sequence} of ${batch.headerDate} belongs to batch ${batch.reference}, which has different content. Give this file the next free number.`,
      zh: `${batch.headerDate} 的序號 ${batch.sequence} 已屬批次 ${batch.reference}，而內容不同。請改用下一個未用序號。`,
    },
    { more: { batch: batch.reference } },
  );
}

function notStored(error: unknown): Refusal {
  if (isDiskFull(error)) {
    return refuse('STORAGE_FULL', {
      en: 'The data folder is full. Nothing of the file was stored: free some space and send it again.',
      zh: '儲存空間不足，檔案未獲保留。請騰出空間後重新上載。',
    });
  }
  if (!(error instanceof BrokenBody)) throw error;
  return refuse('UNREADABLE_BODY', {
    en: `The body broke off, its gzip is damaged, or its form has more than one file (${error.message}). Nothing of it was stored: send one whole file again.`,
    zh: `內容中斷、gzip 已損壞，或表單載有多個檔案（${error.message}），並無保留任何部分。請重新上載一個完整檔案。`,
  });
}
