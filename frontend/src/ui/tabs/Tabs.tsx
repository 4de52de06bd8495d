import { IconUsersGroup, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { ConversationID } from "../../protocol";
import { clickTab, closeTab, conversationOf } from "../../state/navigation";
import { faceOf } from "../../state/rooms";
import { unreadOf } from "../../state/select";
import { PresenceSign } from "../base/Presence";
import { Badge } from "../base/parts";
import { useApp, useNet, useParley } from "../context";
import { shapeOf } from "../presence/presence";
import c from "./tabs.module.css";

/** The static panel: one tab per open conversation. */
export function Tabs() {
  const { t } = useTranslation();
  const { tabs, shown } = useParley((s) => ({ tabs: s.places.tabs, shown: conversationOf(s.places.view) }));
  const list = useRef<HTMLDivElement>(null);
  const keyTab = shown && tabs.includes(shown) ? shown : tabs[0];

  useEffect(() => {
    if (shown)
      list.current?.querySelector("[data-selected]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [shown]);

  // Arrow keys move along the tabs, as the pattern for a row of tabs asks for.
  const onKeyDown = (e: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (!step) return;
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>("[role=tab]") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    const forwards = document.documentElement.dir === "rtl" ? -step : step;
    buttons[(at + forwards + buttons.length) % buttons.length]?.focus();
    e.preventDefault();
  };

  return (
    <div className={c.tabs} role="tablist" aria-label={t("nav.openTabs")} ref={list} onKeyDown={onKeyDown}>
      {tabs.map((id) => (
        <Tab key={id} id={id} selected={id === shown} focusable={id === keyTab} />
      ))}
    </div>
  );
}

function Tab({ id, selected, focusable }: { id: ConversationID; selected: boolean; focusable: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const net = useNet();
  const { name, person, presence, unread, flashing } = useParley((s) => {
    const face = faceOf(s.world, id);
    const person = face?.person;
    const talk = s.world.talks[id];
    return {
      name: face?.name ?? "…",
      person,
      presence: person && s.world.presence[person.id],
      unread: talk ? unreadOf(talk) : 0,
      flashing: s.places.flashing.includes(id),
    };
  });
  const shape = shapeOf(presence, net);
  return (
    <div
      className={c.tab}
      role="presentation"
      data-selected={selected || undefined}
      data-flashing={flashing || undefined}
      // The middle button closes, as on tabs elsewhere.
      onAuxClick={(e) => e.button === 1 && app.setPlaces(closeTab(app.state.places, id))}
    >
      <button
        type="button"
        role="tab"
        className={c.open}
        aria-selected={selected}
        aria-controls={selected ? "conversation" : undefined}
        tabIndex={focusable ? 0 : -1}
        onClick={() => (selected ? app.setPlaces(clickTab(app.state.places, id)) : app.openConversation(id))}
        onKeyDown={(e) => {
          if (e.key === "Delete") app.setPlaces(closeTab(app.state.places, id));
        }}
      >
        <span className={c.sign}>
          {person ? (
            <PresenceSign shape={shape} label={t(`presence.${shape}`)} />
          ) : (
            <IconUsersGroup size={14} stroke={1.7} aria-hidden />
          )}
        </span>
        <span className="cut">{name}</span>
        <Badge
          count={unread}
          tone={flashing ? "red" : "accent"}
          label={
            flashing ? `${t("unread", { count: unread })}, ${t("flashing")}` : t("unread", { count: unread })
          }
        />
      </button>
      <button
        type="button"
        className={c.close}
        tabIndex={-1}
        aria-hidden="true"
        data-hint={t("nav.closeTab", { name })}
        onClick={() => app.setPlaces(closeTab(app.state.places, id))}
      >
        <IconX size={14} stroke={1.7} aria-hidden />
      </button>
    </div>
  );
}
