import type { UserListAnswer } from "../../protocol";

/** The headings of a table of users, as an import reads them. Passwords come in and never go out. */
export const headings = ["name", "display name", "role", "group", "teams", "title"];

/** All users as a table that can be imported again: then nothing of it changes anything. */
export function usersTable(list: UserListAnswer): string[][] {
  const teams = new Map(list.teams.map((team) => [team.id, team.name]));
  const users = [...list.users].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    headings,
    ...users.map(({ name, user, group }) => [
      name,
      user.displayName,
      user.role,
      group?.name ?? "",
      user.teamIds.map((id) => listed(teams.get(id) ?? "")).join(";"),
      user.title,
    ]),
  ];
}

/** A name among others that semicolons separate. */
const listed = (name: string) => (/[;"]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
