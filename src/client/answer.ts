import type { CentreName } from '../domain/nouns/market.ts';
import type { Refusal, RefusalCode } from '../domain/refusal.ts';

/** How a request was answered: by whom, with what, and the value or the refusal. */
export type Answer<T> = Answered &
  (
    | { readonly ok: true; readonly code: null; readonly value: T }
    | { readonly ok: false; readonly code: RefusalCode; readonly refusal: Refusal }
  );

export interface Answered {
  /** Of HTTP. */
  readonly status: number;
  readonly centre: CentreName | null;
  /** The common name of the certificate that the connection showed. */
  readonly certificate: string;
  /** How often the request was sent until it was answered. */
  readonly attempts: number;
}

/** Everything of an enquiry that comes in pages, and how many there were. */
export interface AllPages<T> {
  readonly rows: readonly T[];
  readonly pages: number;
}
