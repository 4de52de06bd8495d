// What is in which of two columns and what is chosen there, apart from how it is drawn: disallowed left, allowed right.

/** Something that can be allowed: a user, a team, a role, a presence status. */
export interface Entry {
  id: string;
  name: string;
  /** Said more quietly beside the name. */
  detail?: string;
}

/** The order of names. A collator of its own compares many times faster than the names' own method. */
const { compare } = new Intl.Collator();
export const byName = (a: Entry, b: Entry) => compare(a.name, b.name);

export type Side = "left" | "right";

/** Which entries lie left and right, each in the order given. */
export function split(entries: Entry[], allowed: readonly string[]): Record<Side, Entry[]> {
  const right = new Set(allowed);
  return { left: entries.filter((e) => !right.has(e.id)), right: entries.filter((e) => right.has(e.id)) };
}

/** What is allowed after entries have been moved to a side. Ids that no entry has stay: they may be known later. */
export function moved(allowed: readonly string[], ids: Iterable<string>, to: Side): string[] {
  const next = new Set(allowed);
  for (const id of ids) {
    if (to === "right") next.add(id);
    else next.delete(id);
  }
  return [...next];
}

/** What is chosen in a column, and where in it one is. */
export interface Chosen {
  ids: ReadonlySet<string>;
  /** Where the keys are, and where a range began: places among the entries shown. */
  at: number;
  from: number;
}

export const nothingChosen: Chosen = { ids: new Set(), at: 0, from: 0 };

/** How a place in the column is reached: alone, in addition, with all between, or without choosing. */
export type Reach = "only" | "toggle" | "range" | "go";

/** Goes to a place of the entries shown, and chooses. Places outside are the first or the last. */
export function chooseAt(chosen: Chosen, shown: Entry[], place: number, reach: Reach): Chosen {
  if (shown.length === 0) return nothingChosen;
  const at = Math.max(0, Math.min(place, shown.length - 1));
  const id = (shown[at] as Entry).id;
  switch (reach) {
    case "only":
      return { ids: new Set([id]), at, from: at };
    case "toggle": {
      const ids = new Set(chosen.ids);
      if (!ids.delete(id)) ids.add(id);
      return { ids, at, from: at };
    }
    case "range": {
      const [first, last] = at < chosen.from ? [at, chosen.from] : [chosen.from, at];
      return { ids: new Set(shown.slice(first, last + 1).map((e) => e.id)), at, from: chosen.from };
    }
    case "go":
      return { ...chosen, at, from: at };
  }
}

/** All that are shown; nothing if all are chosen already. */
export function chooseAll(chosen: Chosen, shown: Entry[]): Chosen {
  if (shown.length > 0 && shown.every((e) => chosen.ids.has(e.id))) return { ...chosen, ids: new Set() };
  return { ...chosen, ids: new Set(shown.map((e) => e.id)) };
}

/** What a move from a column takes along: what is chosen and shown, or where one is when nothing is. */
export function toMove(chosen: Chosen, shown: Entry[]): string[] {
  const ids = shown.filter((e) => chosen.ids.has(e.id)).map((e) => e.id);
  const here = shown[chosen.at];
  return ids.length > 0 || !here ? ids : [here.id];
}
