import type { Role, UserListAnswer, UserRecord } from "../../protocol";

/** Who a user is, as it is edited. Group and teams go by their names: what has none of the name yet is made (user.update). */
export interface AccountForm {
  displayName: string;
  title: string;
  role: Role;
  /** Of agents only; empty is the default group. */
  group: string;
  teams: string[];
  active: boolean;
}

export function accountOf(list: UserListAnswer, { user, group }: UserRecord): AccountForm {
  return {
    displayName: user.displayName,
    title: user.title,
    role: user.role,
    group: group?.name ?? "",
    teams: list.teams.filter((team) => user.teamIds.includes(team.id)).map((team) => team.name),
    active: user.active,
  };
}
