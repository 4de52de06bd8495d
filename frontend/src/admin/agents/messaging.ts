import type { MessagingSettings, StartScope } from "../../protocol";
import { alike } from "../../state/edit";

/**
 * Replies and Start as they are edited: each scope has its own list, so that looking at another scope loses nothing. Only
 * the list of the chosen scope is saved.
 */
export interface MessagingForm {
  replies: boolean;
  start: boolean;
  scope: StartScope;
  users: string[];
  teams: string[];
  roles: string[];
}

export function formOf(s: MessagingSettings): MessagingForm {
  const list = (scope: StartScope) => (s.scope === scope ? s.targets : none);
  return {
    replies: s.replies,
    start: s.start,
    scope: s.scope,
    users: list("users"),
    teams: list("teams"),
    roles: list("roles"),
  };
}
const none: string[] = [];

/**
 * What turning the switch of Start changes. Turned on it begins with nobody, so that one chooses whom it allows; where
 * a choice was kept, or Start was on before, that is back.
 */
export function switched(f: MessagingForm, before: MessagingForm): Partial<MessagingForm> {
  if (f.start) return { start: false };
  const open = !before.start && f.scope === "everyone";
  return { start: true, ...(open && { scope: "users" as const }) };
}

export function settingsOf(f: MessagingForm): MessagingSettings {
  const targets = f.scope === "everyone" ? [] : f[f.scope];
  return { replies: f.replies, start: f.start, scope: f.scope, targets };
}

export function sameSettings(a: MessagingSettings, b: MessagingSettings): boolean {
  return a.replies === b.replies && a.start === b.start && a.scope === b.scope && alike(a.targets, b.targets);
}
