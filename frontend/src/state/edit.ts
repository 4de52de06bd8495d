// A form over something that others may change meanwhile. Only what somebody changed themself is kept in it; everything
// else follows what is true now, so that saving never takes back another's change unseen.

/** What was changed in a form, over what was true when the changing began. */
export interface Edit<T> {
  base: T;
  changed: Partial<T>;
}

/** What the form shows. */
export function shownIn<T extends object>(edit: Edit<T> | null, now: T): T {
  return edit ? { ...now, ...edit.changed } : now;
}

/** The fields that saving would change. */
export function changedIn<T extends object>(edit: Edit<T> | null, now: T): (keyof T)[] {
  if (!edit) return [];
  return keysOf(edit.changed).filter((k) => !alike(edit.changed[k], now[k]));
}

/** The fields that somebody else has changed since the changing began. */
export function changedMeanwhile<T extends object>(edit: Edit<T> | null, now: T): (keyof T)[] {
  return edit ? keysOf(now).filter((k) => !alike(edit.base[k], now[k])) : [];
}

/** Changes fields. Null when nothing is changed any more. */
export function changeIn<T extends object>(edit: Edit<T> | null, now: T, part: Partial<T>): Edit<T> | null {
  return trimmed({ base: edit?.base ?? now, changed: { ...edit?.changed, ...part } }, now);
}

/** Goes on from what is true now: with what was changed here where both changed the same, or with theirs. */
export function goOn<T extends object>(edit: Edit<T>, now: T, keep: "mine" | "theirs"): Edit<T> | null {
  const theirs = keep === "theirs" ? changedMeanwhile(edit, now) : [];
  const changed = { ...edit.changed };
  for (const k of theirs) delete changed[k];
  return trimmed({ base: now, changed }, now);
}

/** Without the fields that are as they were; they are kept where somebody else has changed them. */
function trimmed<T extends object>(edit: Edit<T>, now: T): Edit<T> | null {
  const changed = { ...edit.changed };
  for (const k of keysOf(changed)) {
    if (alike(changed[k], edit.base[k]) && alike(changed[k], now[k])) delete changed[k];
  }
  return keysOf(changed).length > 0 ? { base: edit.base, changed } : null;
}

function keysOf<T extends object>(o: T | Partial<T>): (keyof T)[] {
  return Object.keys(o) as (keyof T)[];
}

/** Whether two values say the same; of a list the order does not matter. */
export function alike(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return Object.is(a, b);
  const seen = new Set(a);
  return a.length === b.length && b.every((x) => seen.has(x));
}
