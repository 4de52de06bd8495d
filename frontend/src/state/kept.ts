import type { UserID } from "../protocol";

// What the page keeps for itself in the browser's storage, apart for each profile and each person.

/** What is kept: unsent words, and where one was. */
export type KeptThing = "outbox" | "drafts" | "places";

/** Keeps a value for a person. */
export function keep(profile: string, me: UserID, what: KeptThing, value: unknown): void {
  placeOf(what).setItem(keyOf(profile, me, what), JSON.stringify(value));
}

/** What was kept for a person; null if nothing was, or it is damaged. */
export function kept<T>(profile: string, me: UserID, what: KeptThing): T | null {
  try {
    return JSON.parse(placeOf(what).getItem(keyOf(profile, me, what)) ?? "null") as T | null;
  } catch {
    return null;
  }
}

/** Unsent words belong to this tab, so that two tabs never write over each other; places are shared. */
function placeOf(what: KeptThing): Storage {
  return what === "places" ? localStorage : sessionStorage;
}

function keyOf(profile: string, me: UserID, what: KeptThing): string {
  return `parley.${profile}.${what}.${me}`;
}
