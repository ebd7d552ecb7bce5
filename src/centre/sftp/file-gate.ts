import type { SFTPWrapper } from 'ssh2';
import type { Operation } from '../../domain/calendar/rehearsal.ts';
import { clientText, msBetween } from '../../domain/journal/shape.ts';
import { realPath } from '../../domain/rap-tree.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Session } from '../../service/access/sessions.ts';
import type { Caller } from '../../service/context.ts';
import type { RapService } from '../../service/rap/rap.ts';
import type { CentreService } from '../../service/service.ts';
import { callerOf, type SftpConnection } from './connection.ts';
import { STATUS, statusOf } from './sftp-status.ts';

/** A request that passes the gate. */
export interface FileRequest {
  readonly operation: Operation;
  readonly what: 'STAT' | 'OPEN' | 'OPENDIR';
  readonly path: string;
}

/** Performs and answers a request, or returns why not; `rows` is for the journal. */
export type Work = (session: Session, caller: Caller) => Refusal | { readonly rows?: number };

export interface FileGate {
  /** Serves a request once the runs that are due are done, since it shows their results. */
  serve(id: number, request: FileRequest, work: Work): void;
  /** Refuses a request that would change something, as all of them are. */
  refuseChange(id: number, what: string, path: string): void;
}

export interface FileGateOptions {
  readonly connection: SftpConnection;
  readonly rap: RapService;
  readonly admit: CentreService['admit'];
  readonly pendingRuns: CentreService['riskRuns']['pending'];
  /** Unix milliseconds, monotonic. */
  readonly wallMs: () => number;
  /** Called with an error that is a bug. */
  readonly failed: (error: unknown) => void;
  /** Disconnects the client, because its session is over. */
  readonly leave: () => void;
}

/** What a request takes that waits for a run; an estimate. */
const WAITING_BYTES = 1024;

/** The gate of one SFTP channel: admits each request anew, sends refusals, and notes the answer in the journal. */
export function createFileGate(sftp: SFTPWrapper, options: FileGateOptions): FileGate {
  const { connection, rap, pendingRuns, failed } = options;

  function sendRefusal(id: number, { refusal, detail }: Refusal): void {
    sftp.status(id, statusOf(refusal), detail.en);
    if (refusal === 'SESSION_ENDED' || refusal === 'NO_SESSION') options.leave();
  }

  function answer(id: number, request: FileRequest, work: Work): void {
    connection.requests++;
    const caller = callerOf(connection);
    const startedMs = options.wallMs();
    try {
      const session = admitted(options, request, caller);
      const result = isRefusal(session) ? session : work(session, caller);
      if (isRefusal(result)) sendRefusal(id, result);
      noteAnswer(options, request, caller, { session, result, startedMs });
    } catch (error) {
      failed(error);
      sftp.status(id, STATUS.FAILURE, 'An error in ccass-harness; its log has the stack trace.');
    }
  }

  return {
    serve(id, request, work) {
      const runs = pendingRuns();
      if (runs) {
        const bytes = WAITING_BYTES + 2 * request.path.length;
        connection.memory.hold(bytes);
        void runs.then(() => {
          connection.memory.hold(-bytes);
          if (!connection.raw.destroyed) answer(id, request, work);
        });
      } else answer(id, request, work);
    },
    refuseChange(id, what, path) {
      connection.requests++;
      const caller = callerOf(connection);
      const session = connection.logon?.session ?? null;
      const refusal = readOnly(what, path);
      const verb = { operation: 'unsupported', what } as const;
      rap.refuse(refusal, verb, caller, session);
      sendRefusal(id, refusal);
      const about = clientText(realPath(path));
      rap.answered(caller, session, { ...verb, about, code: refusal.refusal, sent: 'all', ms: 0 });
    },
  };
}

function admitted({ admit, connection }: FileGateOptions, { operation }: FileRequest, caller: Caller) {
  const admission = admit({ operation }, caller, connection.logon?.token ?? null);
  if (isRefusal(admission)) return admission;
  if (!admission.session) throw new Error(`SFTP ${operation} was admitted without a session`);
  return admission.session;
}

interface Outcome {
  readonly session: Session | Refusal;
  readonly result: ReturnType<Work>;
  readonly startedMs: number;
}

/** Notes the answer to a request, except STAT: clients send it so often that it would fill the journal. */
function noteAnswer(
  { connection, rap, wallMs }: FileGateOptions,
  { operation, what, path }: FileRequest,
  caller: Caller,
  { session, result, startedMs }: Outcome,
): void {
  if (what === 'STAT') return;
  // Admission has noted its own refusals.
  if (isRefusal(result) && !isRefusal(session)) rap.refuse(result, { operation, what }, caller, session);
  const known = isRefusal(session) ? (connection.logon?.session ?? null) : session;
  rap.answered(caller, known, {
    ...{ operation, what, about: clientText(realPath(path)) },
    ...(isRefusal(result) ? { code: result.refusal } : result),
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
