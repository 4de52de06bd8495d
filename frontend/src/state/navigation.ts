import type { ConversationID, TeamID, UserID } from "../protocol";

/** What fills the window. */
export type View =
  | { page: "conversations"; conversationId?: ConversationID }
  /** What a supervisor may watch of others. */
  | { page: "monitoring" }
  | { page: "people"; userId?: UserID; teamId?: TeamID }
  /** `adminPage` is the id of a page of the administration (admin/pages.ts), `subjectId` what is open on it. */
  | { page: "admin"; adminPage?: string; subjectId?: string };

/** Which conversations lie in the static panel, what is shown, and where one was before. */
export interface Places {
  view: View;
  tabs: ConversationID[];
  /** Where one was, newest last; a second click on a tab goes there. */
  before: View[];
  /** Tabs with a new message that has not been looked at. */
  flashing: ConversationID[];
}

export const noPlaces: Places = { view: { page: "conversations" }, tabs: [], before: [], flashing: [] };

const REMEMBERED = 20;

/** Goes somewhere. A conversation gets a tab; looking at it ends its flashing. */
export function go(p: Places, view: View): Places {
  if (same(p.view, view)) return p;
  const id = conversationOf(view);
  return {
    view,
    before: [...p.before, p.view].slice(-REMEMBERED),
    tabs: id && !p.tabs.includes(id) ? [...p.tabs, id] : p.tabs,
    flashing: id ? p.flashing.filter((f) => f !== id) : p.flashing,
  };
}

/** A click on a tab: opens it, or, where one is already, returns to where one was. */
export function clickTab(p: Places, id: ConversationID): Places {
  if (conversationOf(p.view) !== id) return go(p, { page: "conversations", conversationId: id });
  const back = p.before.findLast((v) => conversationOf(v) !== id) ?? { page: "conversations" };
  return { ...go(p, back), before: p.before.slice(0, -1) };
}

/** Takes a tab away. Where it was shown, its neighbour or the list follows. */
export function closeTab(p: Places, id: ConversationID): Places {
  const at = p.tabs.indexOf(id);
  const rest: Places = {
    ...p,
    tabs: p.tabs.filter((t) => t !== id),
    flashing: p.flashing.filter((f) => f !== id),
    before: p.before.filter((v) => conversationOf(v) !== id),
  };
  if (conversationOf(p.view) !== id) return rest;
  const next = rest.tabs[Math.min(at, rest.tabs.length - 1)];
  return {
    ...rest,
    view: next ? { page: "conversations", conversationId: next } : { page: "conversations" },
    flashing: rest.flashing.filter((f) => f !== next),
  };
}

/** A new message nobody looked at: its tab appears and flashes. */
export function flash(p: Places, id: ConversationID): Places {
  return {
    ...p,
    tabs: p.tabs.includes(id) ? p.tabs : [...p.tabs, id],
    flashing: p.flashing.includes(id) ? p.flashing : [...p.flashing, id],
  };
}

export function calm(p: Places, id: ConversationID): Places {
  return p.flashing.includes(id) ? { ...p, flashing: p.flashing.filter((f) => f !== id) } : p;
}

/** Ends the flashing of all tabs that have nothing unread any more: somebody looked on another device. */
export function calmAll(p: Places, unread: (id: ConversationID) => boolean): Places {
  return p.flashing.every(unread) ? p : { ...p, flashing: p.flashing.filter(unread) };
}

/** The tab `step` places further, round and round; null without tabs. */
export function tabAfter(p: Places, step: number): ConversationID | null {
  if (p.tabs.length === 0) return null;
  const id = conversationOf(p.view);
  const at = id ? p.tabs.indexOf(id) : step > 0 ? -1 : 0;
  return p.tabs[(at + step + p.tabs.length) % p.tabs.length] ?? null;
}

/** Forgets conversations one has lost the right to read. */
export function dropLost(p: Places, lost: ConversationID[]): Places {
  return lost.reduce(closeTab, p);
}

export function conversationOf(view: View): ConversationID | undefined {
  return view.page === "conversations" ? view.conversationId : undefined;
}

function same(a: View, b: View): boolean {
  if (a.page === "people" && b.page === "people") return a.userId === b.userId && a.teamId === b.teamId;
  if (a.page === "admin" && b.page === "admin") {
    return a.adminPage === b.adminPage && a.subjectId === b.subjectId;
  }
  return a.page === b.page && conversationOf(a) === conversationOf(b);
}
