import { IconSearchOff, IconUsers, IconX } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Role, TeamID, UserID } from "../../protocol";
import { colleagues, matches } from "../../state/select";
import { Empty } from "../base/parts";
import { SearchField } from "../base/SearchField";
import { VirtualList } from "../base/VirtualList";
import { useApp, useParley, usePhone } from "../context";
import c from "../list/list.module.css";
import { PersonRow } from "./PersonRow";

const roles: Role[] = ["agent", "expert", "supervisor", "administrator"];

/** The directory: everybody one may know of, by role or team, with a search. */
export function PeopleList({ userId, teamId }: { userId: UserID | undefined; teamId: TeamID | undefined }) {
  const { t } = useTranslation();
  const app = useApp();
  const phone = usePhone();
  const [query, setQuery] = useState("");
  const [role, setRole] = useState<Role | null>(null);
  const world = useParley((s) => s.world);
  const all = useMemo(() => colleagues(world), [world]);
  const team = teamId ? world.teams[teamId] : undefined;
  const inTeam = team ? all.filter((u) => u.teamIds.includes(team.id)) : all;
  const present = roles.filter((r) => inTeam.some((u) => u.role === r));
  const shown = inTeam.filter(
    (u) => (!role || !present.includes(role) || u.role === role) && matches(query, u.displayName, u.title),
  );
  const open = (id: UserID) => app.open({ page: "people", userId: id, teamId });

  return (
    <section className={c.list} aria-label={t("nav.people")}>
      <div className={c.head}>
        {phone && <h1 className={c.title}>{t("nav.people")}</h1>}
        <SearchField
          label={t("people.search")}
          value={query}
          onChange={setQuery}
          onEnter={() => shown[0] && open(shown[0].id)}
        />
        <div className={c.filters}>
          {team && (
            <button type="button" aria-pressed onClick={() => app.open({ page: "people", userId })}>
              {team.name} <IconX size={12} stroke={2} aria-hidden style={{ verticalAlign: -2 }} />
              <span className="vh">{t("list.clear")}</span>
            </button>
          )}
          <button type="button" aria-pressed={role === null} onClick={() => setRole(null)}>
            {t("roles.all")}
          </button>
          {present.map((r) => (
            <button key={r} type="button" aria-pressed={role === r} onClick={() => setRole(r)}>
              {t(`rolesShort.${r}`)}
            </button>
          ))}
        </div>
      </div>
      {shown.length > 0 ? (
        <VirtualList items={shown} rowHeight={phone ? 72 : 56} keyOf={(u) => u.id} label={t("nav.people")}>
          {(user) => <PersonRow user={user} selected={user.id === userId} onClick={() => open(user.id)} />}
        </VirtualList>
      ) : query.trim() ? (
        <Empty icon={IconSearchOff} title={t("list.noMatch", { query })} text={t("list.noMatchText")} />
      ) : (
        <Empty icon={IconUsers} title={t("people.none")} text={t("people.noneText")} />
      )}
    </section>
  );
}
