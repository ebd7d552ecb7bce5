import type { CentreName } from '../domain/nouns/market.ts';
import type { Refusal, RefusalCode } from '../domain/refusal.ts';

/** The answer to a request: which centre sent it, its status, and the value or the refusal. */
export type Answer<T> = Answered &
  (
    | { readonly ok: true; readonly code: null; readonly value: T }
    | { readonly ok: false; readonly code: RefusalCode; readonly refusal: Refusal }
  );

export interface Answered {
  /** The HTTP status. */
  readonly status: number;
  readonly centre: CentreName | null;
  /** The common name of the certificate that the connection showed. */
  readonly certificate: string;
  /** How often the request was sent before it was answered. */
  readonly attempts: number;
}

/** The rows of every page of an enquiry, and how many pages there were. */
export interface AllPages<T> {
  readonly rows: readonly T[];
  readonly pages: number;
}
