import { IconClock, IconPlus, IconSearchOff } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { UserID, UserListAnswer } from "../../protocol";
import { Button, Empty } from "../../ui/base/parts";
import { SearchField } from "../../ui/base/SearchField";
import { ExportUsers } from "../transfer/ExportUsers";
import { ImportButton, ImportUsers } from "../transfer/ImportUsers";
import { AddUser } from "./AddUser";
import { AgentsTable } from "./AgentsTable";
import c from "./agents.module.css";
import { BulkBar } from "./BulkBar";
import type { AgentsPlace } from "./place";
import { type Filter, noFilter, roles, rowsOf, type Sort } from "./rows";
import { UserDrawer } from "./UserDrawer";

/** All users: found, sorted, chosen, and opened. */
export function AgentsTab({
  list,
  place,
  onGo,
}: {
  list: UserListAnswer;
  place: AgentsPlace;
  onGo: (to: AgentsPlace) => void;
}) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState<Filter>(noFilter);
  const [sort, setSort] = useState<Sort>({ by: "name", down: false });
  const [chosen, setChosen] = useState<ReadonlySet<UserID>>(new Set());
  const rows = useMemo(() => rowsOf(list, filter, sort), [list, filter, sort]);
  const teams = useMemo(() => new Map(list.teams.map((team) => [team.id, team.name])), [list.teams]);
  const waiting = useMemo(() => list.users.filter((u) => u.pending).length, [list.users]);
  const opened = list.users.find((u) => u.user.id === place.open);
  const close = () => onGo({ tab: "agents" });
  const change = (part: Partial<Filter>) => setFilter({ ...filter, ...part });
  return (
    <section className={c.list} aria-label={t("agents.tabs.agents")}>
      <div className={c.tools}>
        <div className={c.search}>
          <SearchField
            label={t("agents.search")}
            value={filter.query}
            onChange={(query) => change({ query })}
            onEnter={() => rows[0] && onGo({ tab: "agents", open: rows[0].user.id, panel: "messaging" })}
          />
        </div>
        <Choice
          label={t("agents.columns.role")}
          value={filter.role}
          options={roles.map((id) => ({ id, name: t(`role.${id}`) }))}
          onChange={(role) => change({ role })}
        />
        <Choice
          label={t("agents.columns.group")}
          value={filter.groupId}
          options={list.groups}
          onChange={(groupId) => change({ groupId })}
        />
        <Choice
          label={t("agents.columns.teams")}
          value={filter.teamId}
          options={list.teams}
          onChange={(teamId) => change({ teamId })}
        />
        {(waiting > 0 || filter.pending) && (
          <button
            type="button"
            className={c.toggle}
            aria-pressed={filter.pending}
            onClick={() => change({ pending: !filter.pending })}
          >
            <IconClock size={14} stroke={1.7} aria-hidden />
            {t("agents.pendingFilter")} <span className="num">{waiting}</span>
          </button>
        )}
        <div className={c.toolsEnd}>
          <ExportUsers list={list} />
          <ImportButton onOpen={() => onGo({ tab: "agents", open: "import" })} />
          <Button onClick={() => onGo({ tab: "agents", open: "new" })}>
            <IconPlus size={16} stroke={1.7} aria-hidden />
            {t("account.add")}
          </Button>
        </div>
      </div>
      {chosen.size > 0 && (
        <BulkBar
          chosen={list.users.filter((u) => chosen.has(u.user.id))}
          list={list}
          onEnd={() => setChosen(new Set())}
        />
      )}
      {rows.length > 0 ? (
        <AgentsTable
          rows={rows}
          teams={teams}
          open={place.open}
          chosen={chosen}
          sort={sort}
          onChoose={setChosen}
          onSort={setSort}
          onOpen={(open, panel) => onGo({ tab: "agents", open, panel })}
        />
      ) : (
        <div role="status">
          <Empty icon={IconSearchOff} title={t("agents.none")} text={t("agents.noneText")} />
        </div>
      )}
      {place.open === "new" && (
        <AddUser
          list={list}
          onAdded={(open) => onGo({ tab: "agents", open, panel: "messaging" })}
          onClose={close}
        />
      )}
      {place.open === "import" && <ImportUsers onClose={close} />}
      {opened && (
        <UserDrawer
          key={opened.user.id}
          record={opened}
          list={list}
          panel={place.panel ?? "messaging"}
          onPanel={(panel) => onGo({ ...place, panel })}
          onClose={close}
        />
      )}
    </section>
  );
}

/** One of a list, or all of it. */
function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T | undefined;
  options: { id: T; name: string }[];
  onChange: (value: T | undefined) => void;
}) {
  const { t } = useTranslation();
  return (
    <select
      className={c.choice}
      aria-label={label}
      data-set={value ? true : undefined}
      value={value ?? ""}
      onChange={(e) => onChange((e.currentTarget.value || undefined) as T | undefined)}
    >
      <option value="">{t("agents.any", { what: label })}</option>
      {options.map((o) => (
        <option key={o.id} value={o.id}>
          {o.name}
        </option>
      ))}
    </select>
  );
}
