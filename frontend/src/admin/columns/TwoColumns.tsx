import {
  IconChevronLeft,
  IconChevronRight,
  IconChevronsLeft,
  IconChevronsRight,
  IconSearch,
} from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type MouseEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { matches } from "../../state/select";
import { IconButton, LinkButton } from "../../ui/base/parts";
import {
  type Chosen,
  chooseAll,
  chooseAt,
  type Entry,
  moved,
  nothingChosen,
  type Side,
  split,
  toMove,
} from "./columns";
import c from "./columns.module.css";

const ROW = 28;

/**
 * Chooses among many: disallowed left, allowed right (IM-17). The same for users, teams, roles and presence statuses.
 * Entries move by the arrow buttons, a double click, or the keys: Enter, and the arrow towards the other side. Space,
 * Shift and Ctrl+A choose several.
 */
export function TwoColumns({
  label,
  titles,
  entries,
  allowed,
  before,
  onChange,
}: {
  /** What is moved, for example "Teams". */
  label: string;
  /** What the columns are called. */
  titles: Record<Side, string>;
  /** In the order shown. */
  entries: Entry[];
  allowed: readonly string[];
  /** What was allowed before; what differs from it is marked. */
  before: readonly string[];
  onChange: (allowed: string[]) => void;
}) {
  const { t } = useTranslation();
  const sides = useMemo(() => split(entries, allowed), [entries, allowed]);
  const was = useMemo(() => new Set(before), [before]);
  const left = useColumn(sides.left);
  const right = useColumn(sides.right);
  const [said, setSaid] = useState("");

  const move = (from: Column, to: Side, ids: string[]) => {
    if (ids.length === 0) return;
    onChange(moved(allowed, ids, to));
    from.setChosen({
      ...nothingChosen,
      at: Math.max(0, Math.min(from.chosen.at, from.shown.length - ids.length - 1)),
    });
    setSaid(t(to === "right" ? "columns.allowedNow" : "columns.disallowedNow", { count: ids.length }));
  };
  const toRight = () => move(left, "right", toMove(left.chosen, left.shown));
  const toLeft = () => move(right, "left", toMove(right.chosen, right.shown));
  const allOf = (column: Column) => column.shown.map((e) => e.id);

  return (
    <fieldset className={c.columns} aria-label={label}>
      <List
        title={titles.left}
        label={label}
        side="left"
        column={left}
        marked={(id) => was.has(id)}
        onMove={toRight}
        onMoveOne={(id) => move(left, "right", [id])}
      />
      <div className={c.arrows}>
        <IconButton
          icon={IconChevronRight}
          mirror
          label={t("columns.allow")}
          aria-disabled={left.chosen.ids.size === 0}
          onClick={() => left.chosen.ids.size > 0 && toRight()}
        />
        <IconButton
          icon={IconChevronsRight}
          mirror
          label={t("columns.allowAll")}
          aria-disabled={left.shown.length === 0}
          onClick={() => move(left, "right", allOf(left))}
        />
        <IconButton
          icon={IconChevronLeft}
          mirror
          label={t("columns.disallow")}
          aria-disabled={right.chosen.ids.size === 0}
          onClick={() => right.chosen.ids.size > 0 && toLeft()}
        />
        <IconButton
          icon={IconChevronsLeft}
          mirror
          label={t("columns.disallowAll")}
          aria-disabled={right.shown.length === 0}
          onClick={() => move(right, "left", allOf(right))}
        />
      </div>
      <List
        title={titles.right}
        label={label}
        side="right"
        column={right}
        marked={(id) => !was.has(id)}
        onMove={toLeft}
        onMoveOne={(id) => move(right, "left", [id])}
      />
      <span className="vh" role="status">
        {said}
      </span>
    </fieldset>
  );
}

interface Column {
  all: Entry[];
  query: string;
  setQuery: (query: string) => void;
  /** Those found by the query. */
  shown: Entry[];
  chosen: Chosen;
  setChosen: (chosen: Chosen) => void;
}

function useColumn(all: Entry[]): Column {
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(nothingChosen);
  const shown = useMemo(() => all.filter((e) => matches(query, e.name, e.detail)), [all, query]);
  return { all, query, setQuery, shown, chosen, setChosen };
}

function List({
  title,
  label,
  side,
  column,
  marked,
  onMove,
  onMoveOne,
}: {
  title: string;
  label: string;
  side: Side;
  column: Column;
  /** Whether an entry has come here since. */
  marked: (id: string) => boolean;
  onMove: () => void;
  onMoveOne: (id: string) => void;
}) {
  const { t } = useTranslation();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const { shown, chosen, setChosen } = column;
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (i) => shown[i]?.id ?? i,
    overscan: 8,
  });
  const at = Math.min(chosen.at, shown.length - 1);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at);
  }, [at, virtual]);

  const onKeyDown = (e: KeyboardEvent) => {
    const mod = e.ctrlKey || e.metaKey;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? ROW) / ROW) - 1);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: shown.length - 1,
    }[e.key];
    const across = side === "left" ? "ArrowRight" : "ArrowLeft";
    if (to !== undefined) setChosen(chooseAt(chosen, shown, to, e.shiftKey ? "range" : mod ? "go" : "only"));
    else if (e.key === " ") setChosen(chooseAt(chosen, shown, at, "toggle"));
    else if (mod && e.key.toLowerCase() === "a") setChosen(chooseAll(chosen, shown));
    else if (e.key === "Enter" || e.key === across) onMove();
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  const onClick = (i: number, e: MouseEvent) =>
    setChosen(chooseAt(chosen, shown, i, e.shiftKey ? "range" : e.ctrlKey || e.metaKey ? "toggle" : "only"));

  return (
    <section className={c.column} aria-label={`${title}: ${label}`}>
      <header>
        <b>{title}</b>
        <span className="num">{column.all.length}</span>
        <LinkButton onClick={() => setChosen(chooseAll(chosen, shown))}>{t("columns.selectAll")}</LinkButton>
      </header>
      <div className={c.search}>
        <IconSearch size={14} stroke={1.7} aria-hidden />
        <input
          type="search"
          aria-label={t("columns.search", { title, label })}
          placeholder={t("columns.searchShort")}
          value={column.query}
          spellCheck={false}
          autoComplete="off"
          onChange={(e) => {
            column.setQuery(e.currentTarget.value);
            setChosen({ ...chosen, at: 0, from: 0 });
          }}
          onKeyDown={(e) => {
            if (e.key === "Escape" && column.query) {
              column.setQuery("");
              e.stopPropagation();
            } else if (e.key === "ArrowDown") {
              e.preventDefault();
              scroller.current?.focus();
            } else if (e.key === "Enter") {
              e.preventDefault();
              onMove();
            }
          }}
        />
      </div>
      {shown.length === 0 && (
        <p className={c.none}>{t(column.query.trim() ? "columns.noMatch" : "columns.empty")}</p>
      )}
      <div
        ref={scroller}
        className={c.entries}
        role="listbox"
        tabIndex={0}
        aria-label={`${title}: ${label}`}
        aria-multiselectable
        aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
        onKeyDown={onKeyDown}
      >
        <div role="presentation" style={{ position: "relative", height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((v) => {
            const entry = shown[v.index] as Entry;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the focus and the keys
              // biome-ignore lint/a11y/useFocusableInteractive: chosen by aria-activedescendant
              <div
                key={v.key}
                role="option"
                id={`${id}-${v.index}`}
                aria-selected={chosen.ids.has(entry.id)}
                aria-setsize={shown.length}
                aria-posinset={v.index + 1}
                data-at={v.index === at || undefined}
                className={c.entry}
                style={{ height: v.size, transform: `translateY(${v.start}px)` }}
                onClick={(e) => onClick(v.index, e)}
                onDoubleClick={() => onMoveOne(entry.id)}
              >
                <span className="cut">{entry.name}</span>
                {marked(entry.id) ? (
                  <em data-side={side}>{t(side === "right" ? "columns.added" : "columns.removed")}</em>
                ) : (
                  entry.detail && <small className="cut">{entry.detail}</small>
                )}
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}
