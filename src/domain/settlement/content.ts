import type { AccountTransfer, SettlementInstruction } from '../nouns/instructions.ts';
import type { InstructionRow } from './batch.ts';
import type { TransferRow } from './transfer.ts';

/**
 * A 64-bit digest of an instruction's content, which recognises the same instruction however it was input: typed, in a
 * batch, or again after a fail-over. Reference, narrative and the numbers of a file are left out. It is not a cryptographic
 * digest.
 */
export class Content {
  #high = 0;
  #low = 0;

  /** Adds another one modulo 2^64: the sum of a file's rows does not depend on their order. */
  add(other: Content): this {
    const low = this.#low + other.#low;
    this.#low = low >>> 0;
    this.#high = (this.#high + other.#high + (low > 0xffffffff ? 1 : 0)) >>> 0;
    return this;
  }

  /** 16 hex digits. */
  toString(): string {
    return `${hex(this.#high)}${hex(this.#low)}`;
  }

  /** Two runs of 32-bit multiplications over the text, mixed at the end (the construction known as cyrb). */
  static of(text: string): Content {
    let high = 0xdeadbeef;
    let low = 0x41c6ce57;
    for (let place = 0; place < text.length; place++) {
      const unit = text.charCodeAt(place);
      high = Math.imul(high ^ unit, 2654435761);
      low = Math.imul(low ^ unit, 1597334677);
    }
    const mixedHigh = mix(high) ^ Math.imul(low ^ (low >>> 13), 3266489909);
    const content = new Content();
    content.#high = mixedHigh >>> 0;
    content.#low = (mix(low) ^ Math.imul(mixedHigh ^ (mixedHigh >>> 13), 3266489909)) >>> 0;
    return content;
  }
}

/** The content of an SI in a file or a form; `stock` is the code of five digits. */
export function rowContent(row: InstructionRow): Content {
  const { side, stock, quantity, counterparty, account, payment, currency, amountCents, settlementDate, hold } = row;
  return Content.of(
    `SI|${side}|${stock}|${quantity}|${counterparty}|${account}|${payment}|${currency}|${amountCents}|${settlementDate}|${hold}`,
  );
}

/** The content of an SI in the books: the same as that of the row by which it was input. */
export function instructionContent({ side, currency, hold, ...same }: SettlementInstruction): Content {
  return rowContent({
    ...same,
    isin: '',
    side: side === 'deliver' ? 'D' : 'R',
    currency: currency ?? '',
    hold: hold ? 'Y' : 'N',
  });
}

/** The content of an ATI, input or in the books. */
export function transferContent({
  stock,
  quantity,
  fromAccount,
  toAccount,
}: Pick<TransferRow & AccountTransfer, 'stock' | 'quantity' | 'fromAccount' | 'toAccount'>): Content {
  return Content.of(`ATI|${stock}|${quantity}|${fromAccount}|${toAccount}`);
}

function mix(part: number): number {
  return Math.imul(part ^ (part >>> 16), 2246822507);
}

function hex(part: number): string {
  return part.toString(16).padStart(8, '0');
}
