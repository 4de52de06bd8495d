import { IconArrowDown, IconArrowUp, IconClock, IconSettings } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useRef } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { TeamID, UserID, UserRecord } from "../../protocol";
import { Avatar } from "../../ui/base/Avatar";
import { IconButton } from "../../ui/base/parts";
import { usePhone } from "../../ui/context";
import { PresenceOf } from "../../ui/presence/PresenceOf";
import c from "./agents.module.css";
import type { UserPanel } from "./place";
import { useReachText } from "./reach";
import type { Sort, SortKey } from "./rows";

const columns: SortKey[] = ["name", "role", "group", "teams", "replies", "start"];

/** The users as a table of which only the rows in sight exist. The arrow keys go from row to row in a column. */
export function AgentsTable({
  rows,
  teams,
  open,
  chosen,
  sort,
  onChoose,
  onSort,
  onOpen,
}: {
  rows: UserRecord[];
  teams: ReadonlyMap<TeamID, string>;
  /** Whose drawer is open. */
  open: UserID | undefined;
  chosen: ReadonlySet<UserID>;
  sort: Sort;
  onChoose: (chosen: ReadonlySet<UserID>) => void;
  onSort: (sort: Sort) => void;
  onOpen: (id: UserID, panel: UserPanel) => void;
}) {
  const { t } = useTranslation();
  const phone = usePhone();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (phone ? 64 : 40),
    getItemKey: (i) => rows[i]?.user.id ?? i,
    overscan: 10,
  });
  const all = rows.length > 0 && rows.every((u) => chosen.has(u.user.id));
  const some = rows.some((u) => chosen.has(u.user.id));
  const choose = (id: UserID) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };

  const onKeyDown = (e: KeyboardEvent) => {
    const cell = (e.target as HTMLElement).closest<HTMLElement>("[data-cell]");
    const row = cell?.closest<HTMLElement>("[data-index]");
    if (!cell || !row || e.altKey || e.ctrlKey || e.metaKey) return;
    const at = Number(row.dataset.index);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    if (to < 0 || to >= rows.length) return;
    virtual.scrollToIndex(to);
    const name = cell.dataset.cell;
    // The row may exist only after the table has moved.
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-index="${to}"] [data-cell="${name}"]`)?.focus(),
    );
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only passes on keys pressed in the rows' own controls
    <div ref={scroller} className={c.table} onKeyDown={onKeyDown}>
      <table aria-label={t("agents.tabs.agents")} aria-rowcount={rows.length + 1}>
        <thead className={c.headGroup}>
          <tr className={c.headRow} aria-rowindex={1}>
            <th>
              <input
                type="checkbox"
                aria-label={t("agents.chooseAll")}
                checked={all}
                ref={(box) => {
                  if (box) box.indeterminate = some && !all;
                }}
                onChange={() => onChoose(all ? new Set() : new Set(rows.map((u) => u.user.id)))}
              />
            </th>
            {columns.map((by) => (
              <th
                key={by}
                data-column={by}
                aria-sort={sort.by === by ? (sort.down ? "descending" : "ascending") : "none"}
              >
                <button
                  type="button"
                  onClick={() => onSort({ by, down: sort.by === by ? !sort.down : false })}
                >
                  {t(`agents.columns.${by}`)}
                  {sort.by === by &&
                    (sort.down ? (
                      <IconArrowDown size={12} stroke={2} aria-hidden />
                    ) : (
                      <IconArrowUp size={12} stroke={2} aria-hidden />
                    ))}
                </button>
              </th>
            ))}
            <th>
              <span className="vh">{t("agents.columns.gear")}</span>
            </th>
          </tr>
        </thead>
        <tbody style={{ position: "relative", height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((v) => {
            const record = rows[v.index] as UserRecord;
            const id = record.user.id;
            return (
              <tr
                key={v.key}
                data-index={v.index}
                aria-rowindex={v.index + 2}
                className={c.row}
                data-open={id === open || undefined}
                data-inactive={!record.user.active || undefined}
                style={{ height: v.size, transform: `translateY(${v.start}px)` }}
              >
                <Cells
                  record={record}
                  teams={teams}
                  chosen={chosen.has(id)}
                  onChoose={() => choose(id)}
                  onOpen={(panel) => onOpen(id, panel)}
                />
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Cells({
  record,
  teams,
  chosen,
  onChoose,
  onOpen,
}: {
  record: UserRecord;
  teams: ReadonlyMap<TeamID, string>;
  chosen: boolean;
  onChoose: () => void;
  onOpen: (panel: "messaging" | "account") => void;
}) {
  const { t } = useTranslation();
  const reach = useReachText();
  const { user, group, settings, pending } = record;
  const name = user.displayName;
  const fixed = user.role === "administrator";
  const teamNames = user.teamIds.map((id) => teams.get(id) ?? "").join(", ");
  return (
    <>
      <td>
        <input
          type="checkbox"
          data-cell="choose"
          aria-label={t("agents.choose", { name })}
          checked={chosen}
          onChange={onChoose}
        />
      </td>
      <td data-column="name">
        <button type="button" data-cell="name" className={c.person} onClick={() => onOpen("account")}>
          <Avatar name={name} size="md">
            <PresenceOf userId={user.id} />
          </Avatar>
          <span className="cut">{name}</span>
          {!user.active && <small>{t("agents.inactive")}</small>}
        </button>
      </td>
      <td data-column="role" className="cut">
        {t(`role.${user.role}`)}
      </td>
      <td data-column="group" className="cut">
        {group?.name}
      </td>
      <td data-column="teams" className="cut" title={teamNames}>
        {teamNames}
      </td>
      <td data-column="replies" data-off={!settings.replies || undefined}>
        {t(settings.replies ? "agents.on" : "agents.off")}
      </td>
      <td data-column="start" data-off={!settings.start || undefined}>
        <span className="cut">{reach(settings)}</span>
        {pending && (
          <span className={c.pending} title={t("agents.pending")}>
            <IconClock size={14} stroke={1.7} aria-hidden />
            <span className="cut">{t("agents.pending")}</span>
          </span>
        )}
      </td>
      <td>
        <IconButton
          icon={IconSettings}
          iconSize={16}
          data-cell="gear"
          label={t(fixed ? "agents.gearFixed" : "agents.gear", { name })}
          onClick={() => onOpen("messaging")}
        />
      </td>
    </>
  );
}
