import type { GroupID, MessagingSettings, Role, TeamID, UserListAnswer, UserRecord } from "../../protocol";
import { matches } from "../../state/select";

export const roles: Role[] = ["agent", "supervisor", "administrator", "expert"];

/** What of the users is shown. Absent means all. */
export interface Filter {
  query: string;
  role?: Role;
  groupId?: GroupID;
  teamId?: TeamID;
  /** Only those with a change that waits for their next sign-in. */
  pending: boolean;
}

export const noFilter: Filter = { query: "", pending: false };

export type SortKey = "name" | "role" | "group" | "teams" | "replies" | "start";

export interface Sort {
  by: SortKey;
  down: boolean;
}

/** The users a filter lets through, in order. Names decide where the chosen column says the same. */
export function rowsOf(list: UserListAnswer, filter: Filter, sort: Sort): UserRecord[] {
  const teams = new Map(list.teams.map((t) => [t.id, t.name]));
  const shown = list.users.filter(
    (u) =>
      (!filter.role || u.user.role === filter.role) &&
      (!filter.groupId || u.group?.id === filter.groupId) &&
      (!filter.teamId || u.user.teamIds.includes(filter.teamId)) &&
      (!filter.pending || u.pending !== undefined) &&
      matches(filter.query, u.user.displayName, u.name, u.user.title),
  );
  const compare = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;
  const key = (u: UserRecord): string => {
    switch (sort.by) {
      case "name":
        return "";
      case "role":
        return u.user.role;
      case "group":
        return u.group?.name ?? "";
      case "teams":
        return u.user.teamIds.map((id) => teams.get(id) ?? "").join();
      case "replies":
        return u.settings.replies ? "1" : "0";
      case "start":
        return reachKey(u.settings);
    }
  };
  const keyed = shown.map((u) => ({ u, key: key(u) }));
  keyed.sort((a, b) => {
    const order = compare(a.key, b.key) || compare(a.u.user.displayName, b.u.user.displayName);
    return sort.down ? -order : order;
  });
  return keyed.map(({ u }) => u);
}

/** From no reach at all to everybody. */
function reachKey(s: MessagingSettings): string {
  if (!s.start) return "0";
  return s.scope === "everyone" ? "2" : `1 ${s.scope} ${s.targets.length}`;
}
