import type { UserListAnswer, UserRecord } from "../../protocol";

/** What is open on "Agents, Teams and Queues"; it stands in the page's subjectId, so that other pages can lead there. */
export interface AgentsPlace {
  tab: AgentsTab;
  /** What is open in the drawer: an id, "new" or "import". */
  open?: string;
  panel?: UserPanel;
}

export const agentsTabs = ["agents", "teams", "queues", "groups"] as const;
export type AgentsTab = (typeof agentsTabs)[number];

/** The sections of a user's drawer; the gear opens the first. */
export const userPanels = ["messaging", "account", "rights"] as const;
export type UserPanel = (typeof userPanels)[number];

export function subjectOf({ tab, open, panel }: AgentsPlace): string {
  return [tab, ...(open ? [open, ...(panel ? [panel] : [])] : [])].join("/");
}

export function placeOf(subjectId: string | undefined): AgentsPlace {
  const [first, open, second] = (subjectId ?? "").split("/");
  const tab = agentsTabs.find((t) => t === first) ?? "agents";
  if (!open) return { tab };
  return { tab, open, panel: userPanels.find((p) => p === second) ?? "messaging" };
}

/** A team or a group, with those who are in it. */
export interface Place {
  id: string;
  name: string;
  members: UserRecord[];
}

/** All teams or all groups; deactivated accounts are counted in none. */
export function placesOf(list: UserListAnswer, tab: "teams" | "groups"): Place[] {
  const members = new Map<string, UserRecord[]>();
  for (const u of list.users) {
    if (!u.user.active) continue;
    const ids = tab === "teams" ? u.user.teamIds : u.group ? [u.group.id] : [];
    for (const id of ids) {
      const there = members.get(id);
      if (there) there.push(u);
      else members.set(id, [u]);
    }
  }
  return list[tab].map(({ id, name }) => ({ id, name, members: members.get(id) ?? [] }));
}
