import type { JournalDetails } from '../../domain/journal/journal.ts';
import type { RapFile } from '../../domain/nouns/reports.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { type Refusable, refused } from '../access/admission.ts';
import { logoff } from '../access/logon.ts';
import type { Session } from '../access/sessions.ts';
import type { Caller, Context } from '../context.ts';
import { requestHead } from '../journal-entries.ts';
import { type PackagePlace, publishCustomPackage, withdrawCustomPackage } from './custom-package.ts';
import { addKey, type KeyToAdd, listKeys, validKey, withdrawKey } from './keys.ts';
import { logon, type NamedUser, nameUser, type RapLogonRequest, wrongKeys } from './logon.ts';
import type { RapRules } from './rules.ts';
import { list, listAll, open, stat } from './tree.ts';

export type RapService = ReturnType<typeof createRap>;

/** What a centre does for a RAP user, over SFTP and HTTPS alike. */
export function createRap(context: Context, rules: RapRules) {
  return {
    rules,
    nameUser: (participant: string, caller: Caller) => nameUser(context, participant, caller),
    /** Whether a client may continue and sign with this key. */
    acceptsKey: (participant: string, fingerprint: string) =>
      validKey(context, participant, fingerprint, context.clock.now()) !== undefined,
    logon: (request: RapLogonRequest, caller: Caller) => logon(context, rules, request, caller),
    wrongKeys: (
      participant: string,
      fingerprints: readonly string[],
      reason: NamedUser['reason'],
      caller: Caller,
    ): Promise<void> => wrongKeys(context, participant, fingerprints, reason, caller),
    logoff: (session: Session, caller: Caller) => logoff(context, session, caller),
    /** Keeps a session from being idle while its file is read. */
    touch(session: Session): void {
      session.lastAt = context.clock.now();
    },
    /** Notes the end of a request that was not answered over HTTP. */
    answered: (caller: Caller, session: Session | null, detail: JournalDetails['answer']) =>
      context.journal.note('answer', requestHead(context, caller, session), detail),
    /** Notes a refusal by the listener itself. */
    refuse: (refusal: Refusal, verb: Refusable, caller: Caller, session: Session | null) =>
      refused(context, refusal, verb, caller, session),

    stat: (session: Session, path: string) => stat(context, rules, session, path),
    list: (session: Session, path: string) => list(context, rules, session, path),
    listAll: (session: Session, query: Parameters<typeof listAll>[3]) => listAll(context, rules, session, query),
    open: (session: Session, path: string, caller: Caller) => open(context, rules, session, path, caller),

    keys: (participant?: string) => listKeys(context, participant),
    addKey: (request: KeyToAdd) => addKey(context, request),
    withdrawKey: (request: { participant: string; fingerprint: string }) => withdrawKey(context, request),
    /** Every file, or those of a participant, also those not yet published and those no longer shown. */
    files(participant?: string): readonly RapFile[] {
      const all = [...context.store.books.all('rapFile')];
      return participant === undefined ? all : all.filter((file) => file.participant === participant);
    },
    publishPackage: (request: Parameters<typeof publishCustomPackage>[1]) => publishCustomPackage(context, request),
    withdrawPackage: (place: PackagePlace) => withdrawCustomPackage(context, place),
  };
}
