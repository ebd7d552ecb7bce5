import { type Cursor, intersection, NumberList, union } from './number-list.ts';

/** Facet -> the value to find, or a predicate on values. A facet that is left out may have any value. */
export type Wanted<Facet extends string> = {
  readonly [F in Facet]?: string | ((value: string) => boolean) | undefined;
};

/** A number alone, a few in order, or a list: most values of a rare facet have few rows, and a list object costs more than they do. */
type Group = number | number[] | NumberList;
const FEW = 32;
/** How many numbers are read from a list before they are yielded, since a cursor is invalid once its list changes. */
const PAGE = 1024;

/**
 * The numbers of a table's rows by participant and the value of each facet, such as status or stock: a query of several
 * facets intersects their lists and reads no row. The rows are numbered in a series.
 */
export class FacetIndex<Row extends { readonly participant: string }, Facet extends string> {
  readonly #names: readonly Facet[];
  readonly #values: readonly ((row: Row) => string)[];
  /** Participant -> for each facet, in order of the names: value -> its rows. */
  readonly #participants = new Map<string, readonly Map<string, Group>[]>();

  constructor(facets: Readonly<Record<Facet, (row: Row) => string>>) {
    this.#names = Object.keys(facets) as Facet[];
    this.#values = Object.values(facets) as ((row: Row) => string)[];
  }

  replace(number: number, before: Row | undefined, row: Row | null): void {
    const stays = before?.participant === row?.participant;
    const from = before && this.#of(before.participant);
    const to = row && (stays && from ? from : this.#of(row.participant));
    for (let facet = 0; facet < this.#values.length; facet++) {
      const of = this.#values[facet] as (row: Row) => string;
      const old = before && of(before);
      const now = row && of(row);
      if (stays && old === now) continue;
      if (from && old !== undefined) removeFrom(from[facet] as Map<string, Group>, old, number);
      if (to && now !== null) addTo(to[facet] as Map<string, Group>, now, number);
    }
  }

  /** A participant's numbers that match every wanted facet, in order, from `from` on. Valid until the index changes. */
  *find(participant: string, wanted: Wanted<Facet>, from = 0): Generator<number, void, undefined> {
    const groups = this.#participants.get(participant);
    if (!groups) return;
    const asked = this.#names
      .map((name, facet) => ({ values: groups[facet] as Map<string, Group>, want: wanted[name] }))
      .filter(({ want }) => want !== undefined)
      .map(({ values, want }) => ({ values, part: chosen(values, want) }))
      // Every row has a value of every facet, so wanting all values does not narrow the search.
      .filter(({ values, part }) => part.length < values.size)
      .map(({ part }) => part);
    // With nothing wanted any facet lists all rows: take the one with the fewest values.
    const any = groups.toSorted((a, b) => a.size - b.size)[0] ?? new Map<string, Group>();
    const parts = asked.length > 0 ? asked : [[...any.values()]];
    if (parts.some((part) => part.length === 0)) return;
    const cursors = parts
      .map((part) => ({ size: part.reduce<number>((sum, group) => sum + sizeOf(group), 0), cursor: cursorOf(part) }))
      .sort((a, b) => a.size - b.size)
      .map(({ cursor }) => cursor);
    yield* intersection(cursors, from);
  }

  /**
   * The numbers of all participants whose value of this facet is wanted; in order for each participant and value only. The index
   * may change meanwhile: a row that keeps its value comes once; one that changes may come under both values, one or none.
   */
  *across(facet: Facet, wanted: (value: string) => boolean): Generator<number, void, undefined> {
    const place = this.#names.indexOf(facet);
    for (const groups of this.#participants.values()) {
      const values = groups[place] as Map<string, Group>;
      for (const value of [...values.keys()].filter(wanted)) {
        for (let page = pageOf(values.get(value), 0); page.length > 0; ) {
          yield* page;
          page = page.length < PAGE ? [] : pageOf(values.get(value), (page.at(-1) ?? 0) + 1);
        }
      }
    }
  }

  #of(participant: string): readonly Map<string, Group>[] {
    const known = this.#participants.get(participant);
    if (known) return known;
    const made = this.#names.map(() => new Map<string, Group>());
    this.#participants.set(participant, made);
    return made;
  }
}

function addTo(values: Map<string, Group>, value: string, number: number): void {
  const group = values.get(value);
  if (group === undefined) values.set(value, number);
  else if (typeof group === 'number') {
    if (group !== number) values.set(value, group < number ? [group, number] : [number, group]);
  } else if (!Array.isArray(group)) group.add(number);
  else {
    insert(group, number);
    if (group.length > FEW) values.set(value, listOf(group));
  }
}

function removeFrom(values: Map<string, Group>, value: string, number: number): void {
  const group = values.get(value);
  if (group === undefined) return;
  if (typeof group === 'number') {
    if (group === number) values.delete(value);
  } else if (!Array.isArray(group)) {
    group.remove(number);
    if (group.size === 0) values.delete(value);
  } else {
    const place = group.indexOf(number);
    if (place >= 0) group.splice(place, 1);
    if (group.length === 0) values.delete(value);
  }
}

function insert(numbers: number[], number: number): void {
  const last = numbers[numbers.length - 1];
  if (last === undefined || last < number) numbers.push(number);
  else if (!numbers.includes(number)) {
    numbers.push(number);
    numbers.sort((a, b) => a - b);
  }
}

function listOf(numbers: readonly number[]): NumberList {
  const list = new NumberList();
  for (const number of numbers) list.add(number);
  return list;
}

function chosen(values: ReadonlyMap<string, Group>, want: string | ((value: string) => boolean) | undefined): Group[] {
  if (typeof want === 'string') {
    const group = values.get(want);
    return group === undefined ? [] : [group];
  }
  return [...values].filter(([value]) => want?.(value)).map(([, group]) => group);
}

/** The first numbers of a group from `from` on. */
function pageOf(group: Group | undefined, from: number): number[] {
  const page: number[] = [];
  if (group === undefined) return page;
  for (const number of intersection([cursorOf([group])], from)) if (page.push(number) === PAGE) break;
  return page;
}

function sizeOf(group: Group): number {
  if (typeof group === 'number') return 1;
  return Array.isArray(group) ? group.length : group.size;
}

function cursorOf(groups: readonly Group[]): Cursor {
  return union(groups.map((group) => (group instanceof NumberList ? group.cursor() : fewCursor([group].flat()))));
}

function fewCursor(numbers: readonly number[]): Cursor {
  let place = 0;
  return {
    seek(from) {
      while ((numbers[place] ?? Number.POSITIVE_INFINITY) < from) place++;
      return numbers[place] ?? Number.POSITIVE_INFINITY;
    },
  };
}
