/** Slots of a new table; always a power of two. */
const FIRST = 8;

/** A row that is found by the reference that its participant gave it on a market date. */
export interface Referenced {
  readonly participant: string;
  readonly inputDate: string;
  readonly reference: string;
}

/**
 * Numbers of rows by their references, in an open hash table: eight bytes a slot, which the garbage collector does not
 * scan. It stores no text: two references may share a hash, so the caller compares the row.
 */
export class ReferenceIndex {
  /** A slot is a hash and a number plus one; 0 = free. A number is at its hash's slot or in the run of taken slots after it. */
  #slots = new Uint32Array(2 * FIRST);
  #mask = FIRST - 1;
  #size = 0;

  replace(number: number, before: Referenced | undefined, row: Referenced | null): void {
    if (before && row && hasReference(row, before.participant, before.inputDate, before.reference)) return;
    if (before) this.#remove(before, number);
    if (row) this.#add(row, number);
  }

  /** The lowest number under this reference. */
  first(
    participant: string,
    inputDate: string,
    reference: string,
    rowOf: (number: number) => Referenced | undefined,
  ): number | undefined {
    const hash = referenceHash(participant, inputDate, reference);
    let lowest = Number.POSITIVE_INFINITY;
    for (let slot = hash & this.#mask; this.#taken(slot); slot = this.#next(slot)) {
      const number = (this.#slots[2 * slot + 1] as number) - 1;
      if (this.#slots[2 * slot] !== hash || number > lowest) continue;
      const row = rowOf(number);
      if (row && hasReference(row, participant, inputDate, reference)) lowest = number;
    }
    return lowest === Number.POSITIVE_INFINITY ? undefined : lowest;
  }

  #add(row: Referenced, number: number): void {
    const hash = referenceHash(row.participant, row.inputDate, row.reference);
    let slot = hash & this.#mask;
    for (; this.#taken(slot); slot = this.#next(slot)) if (this.#holds(slot, hash, number)) return;
    this.#put(slot, hash, number + 1);
    // Beyond three quarters, runs grow long.
    if (4 * ++this.#size > 3 * (this.#mask + 1)) this.#grow();
  }

  #remove(row: Referenced, number: number): void {
    const hash = referenceHash(row.participant, row.inputDate, row.reference);
    let slot = hash & this.#mask;
    for (; !this.#holds(slot, hash, number); slot = this.#next(slot)) if (!this.#taken(slot)) return;
    this.#size--;
    this.#close(slot);
  }

  #taken(slot: number): boolean {
    return this.#slots[2 * slot + 1] !== 0;
  }

  #holds(slot: number, hash: number, number: number): boolean {
    return this.#slots[2 * slot] === hash && this.#slots[2 * slot + 1] === number + 1;
  }

  #next(slot: number): number {
    return (slot + 1) & this.#mask;
  }

  #put(slot: number, hash: number, numberPlusOne: number): void {
    this.#slots[2 * slot] = hash;
    this.#slots[2 * slot + 1] = numberPlusOne;
  }

  /** Frees a slot, and moves up entries behind it that would no longer be found. */
  #close(freed: number): void {
    let hole = freed;
    for (let slot = this.#next(hole); this.#taken(slot); slot = this.#next(slot)) {
      const hash = this.#slots[2 * slot] as number;
      const [fromHome, fromHole] = [(slot - hash) & this.#mask, (slot - hole) & this.#mask];
      if (fromHome < fromHole) continue;
      this.#put(hole, hash, this.#slots[2 * slot + 1] as number);
      hole = slot;
    }
    this.#put(hole, 0, 0);
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(2 * old.length);
    this.#mask = old.length - 1;
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] === 0) continue;
      let slot = (old[at] as number) & this.#mask;
      while (this.#taken(slot)) slot = this.#next(slot);
      this.#put(slot, old[at] as number, old[at + 1] as number);
    }
  }
}

function hasReference(row: Referenced, participant: string, inputDate: string, reference: string): boolean {
  return row.reference === reference && row.inputDate === inputDate && row.participant === participant;
}

/** A 32-bit FNV-1a hash of the three texts, its weak low bits mixed with the high ones. */
function referenceHash(participant: string, inputDate: string, reference: string): number {
  let hash = mixed(mixed(mixed(0x811c9dc5, participant), inputDate), reference);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function mixed(from: number, text: string): number {
  let hash = from;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}
