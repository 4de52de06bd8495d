import {
  IconEdit,
  IconMessages,
  IconMoodCheck,
  IconPencil,
  IconUsersGroup,
  IconUsersPlus,
} from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useStore } from "zustand";
import { useTranslation } from "../../i18n/useTranslation";
import type { ConversationID } from "../../protocol";
import { hasRooms } from "../../state/rooms";
import { colleagues, matches, type Row, rowsOf } from "../../state/select";
import { directId } from "../../state/world";
import { Button, Empty, IconButton } from "../base/parts";
import { SearchField } from "../base/SearchField";
import { VirtualList } from "../base/VirtualList";
import { useApp, useNow, useParley, usePhone } from "../context";
import { modKey } from "../keys";
import { PersonRow } from "../people/PersonRow";
import { SettingsMenu } from "../settings/SettingsMenu";
import { ConversationRow } from "./ConversationRow";
import { Filling } from "./Filling";
import { FoundMessages, Narrowing } from "./FoundMessages";
import c from "./list.module.css";

type Filter = "all" | "unread" | "drafts";

/** The conversations, newest first, with a search over them and over people one has not written to. */
export function ConversationList({ selected }: { selected: ConversationID | undefined }) {
  const { t } = useTranslation();
  const app = useApp();
  const phone = usePhone();
  const now = useNow(60_000);
  const query = useStore(app.finding.store, (s) => s.text);
  const setQuery = (text: string) => app.finding.type(text);
  const [filter, setFilter] = useState<Filter>("all");
  const { world, own, drafts } = useParley((s) => ({ world: s.world, own: s.own, drafts: s.drafts }));
  const rooms = hasRooms(world) && (
    <>
      <IconButton
        icon={IconUsersGroup}
        iconSize={phone ? 22 : 18}
        label={t("rooms.find")}
        onClick={() => app.show("rooms")}
      />
      <IconButton
        icon={IconUsersPlus}
        iconSize={phone ? 22 : 18}
        label={t("rooms.new")}
        onClick={() => app.show("newRoom")}
      />
    </>
  );
  const rows = useMemo(() => rowsOf(world, own, drafts), [world, own, drafts]);
  const counts = {
    unread: rows.filter((r) => r.unread > 0).length,
    drafts: rows.filter((r) => r.draft).length,
  };
  const height = phone ? 72 : 56;

  // Narrowed down to a conversation, a person or days, one looks for messages alone.
  const narrowed = useStore(app.finding.store, (s) => Object.values(s.narrowed).some(Boolean));
  const finding = query.trim() !== "" || narrowed;
  const shown = rows.filter((r) => {
    if (finding) return !narrowed && matches(query, r.name, r.person?.title);
    return (
      filter === "all" || (filter === "unread" ? r.unread > 0 || r.id === selected : r.draft !== undefined)
    );
  });
  const others = finding && !narrowed ? newPeople(rows, query, world) : [];

  const openFirst = () => {
    const row = shown[0];
    const person = others[0];
    // What is opened takes the keyboard.
    if ((row || person) && document.activeElement instanceof HTMLElement) document.activeElement.blur();
    if (row) app.openConversation(row.id);
    else if (person && world.me) app.openConversation(directId(world.me.user.id, person.id));
    else return; // the messages stay to choose from
    app.finding.clear();
  };

  return (
    <section className={c.list} aria-label={t("nav.conversations")}>
      <div className={c.head}>
        {phone && (
          <div className={c.line}>
            <h1 className={c.title} style={{ flex: 1 }}>
              {t("nav.conversations")}
            </h1>
            <SettingsMenu />
            {rooms}
            <IconButton
              icon={IconEdit}
              iconSize={22}
              label={t("nav.newMessage")}
              onClick={() => app.show("newMessage")}
            />
          </div>
        )}
        <div className={c.searchLine}>
          <SearchField
            label={t("list.search")}
            value={query}
            onChange={(text) => (text ? setQuery(text) : app.finding.clear())}
            onEnter={openFirst}
          />
          {!phone && rooms}
        </div>
        {finding ? (
          <Narrowing />
        ) : (
          <div className={c.filters}>
            {(["all", "unread", "drafts"] as const).map((f) => (
              <button key={f} type="button" aria-pressed={filter === f} onClick={() => setFilter(f)}>
                {t(`list.${f}`)}
                {f !== "all" && counts[f] > 0 && <span className="num"> {counts[f]}</span>}
              </button>
            ))}
          </div>
        )}
      </div>
      {finding ? (
        <div className={c.results}>
          {shown.length > 0 && <h2 className={c.section}>{t("list.open")}</h2>}
          <ul>
            {shown.map((row) => (
              <li key={row.id}>
                <ConversationRow row={row} selected={row.id === selected} now={now} />
              </li>
            ))}
          </ul>
          {others.length > 0 && <h2 className={c.section}>{t("list.morePeople")}</h2>}
          <ul>
            {others.map((user) => (
              <li key={user.id}>
                <PersonRow
                  user={user}
                  selected={false}
                  onClick={() => world.me && app.openConversation(directId(world.me.user.id, user.id))}
                />
              </li>
            ))}
          </ul>
          <FoundMessages alone={shown.length === 0 && others.length === 0} />
        </div>
      ) : shown.length > 0 ? (
        <VirtualList items={shown} rowHeight={height} keyOf={(r) => r.id} label={t("nav.conversations")}>
          {(row) => <ConversationRow row={row} selected={row.id === selected} now={now} />}
        </VirtualList>
      ) : (
        <Nothing filter={filter} />
      )}
      <Filling />
    </section>
  );
}

/** People who answer to the search and have no conversation yet. */
function newPeople(rows: Row[], query: string, world: Parameters<typeof colleagues>[0]) {
  const known = new Set(rows.map((r) => r.person?.id));
  return colleagues(world).filter((u) => !known.has(u.id) && matches(query, u.displayName, u.title));
}

function Nothing({ filter }: { filter: Filter }) {
  const { t } = useTranslation();
  const app = useApp();
  const mayStart = useParley((s) => Object.values(s.world.start).some((can) => can.allowed));
  if (filter === "unread") {
    return <Empty icon={IconMoodCheck} title={t("list.noUnread")} text={t("list.noUnreadText")} />;
  }
  if (filter === "drafts") {
    return <Empty icon={IconPencil} title={t("list.noDrafts")} text={t("list.noDraftsText")} />;
  }
  return (
    <Empty
      icon={IconMessages}
      title={t("list.none")}
      text={mayStart ? t("list.noneText", { keys: `${modKey}+K` }) : t("list.noneTextReply")}
    >
      <Button onClick={() => app.open({ page: "people" })}>{t("list.findPeople")}</Button>
    </Empty>
  );
}
