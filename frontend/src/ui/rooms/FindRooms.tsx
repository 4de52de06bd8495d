import { IconSearch, IconUsersGroup, IconUsersPlus } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { RequestError } from "../../peer/peer";
import type { Failure, RoomFindAnswer, RoomInfo } from "../../protocol";
import { Dialog } from "../base/Dialog";
import { Button, Empty } from "../base/parts";
import { useApp } from "../context";
import { RoomFailure } from "./RoomFailure";
import c from "./rooms.module.css";

/** The public rooms: one looks for them by name and topic, joins one, or goes to one that one is in. */
export default function FindRooms({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const [text, setText] = useState("");
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const found = useRooms(text, setFailure);
  const list = useRef<HTMLUListElement>(null);

  const enter = async (room: RoomInfo | undefined) => {
    if (!room || busy) return;
    if (room.member) {
      app.openConversation(room.id);
      onClose();
      return;
    }
    setBusy(true);
    const refused = await app.rooms.join(room.id);
    setBusy(false);
    setFailure(refused);
    if (!refused) onClose();
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>("button") ?? [])];
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!step || rows.length === 0) return;
    e.preventDefault();
    rows[rows.indexOf(document.activeElement as HTMLElement) + step]?.focus();
  };

  return (
    <Dialog title={t("rooms.find")} width={520} onClose={onClose}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys move between the field and the rows' own buttons */}
      <div className={c.form} onKeyDown={onKeyDown}>
        <div className={c.lookFor}>
          <IconSearch size={16} stroke={1.7} aria-hidden />
          <input
            type="search"
            data-autofocus
            aria-label={t("rooms.findSearch")}
            placeholder={t("rooms.findSearch")}
            value={text}
            maxLength={100}
            spellCheck={false}
            autoComplete="off"
            onChange={(e) => setText(e.currentTarget.value)}
            onKeyDown={(e) => e.key === "Enter" && void enter(found?.rooms[0])}
          />
        </div>
        {found && found.rooms.length > 0 && (
          <ul className={c.rooms} aria-label={t("rooms.find")} ref={list}>
            {found.rooms.map((room) => (
              <li key={room.id}>
                <Found room={room} onEnter={() => void enter(room)} />
              </li>
            ))}
          </ul>
        )}
        {found && found.rooms.length === 0 && (
          <Empty
            icon={IconUsersGroup}
            title={t(text.trim() ? "rooms.findNone" : "rooms.findEmpty")}
            text={t("rooms.findEmptyText")}
          />
        )}
        {found?.more && <p className={c.hint}>{t("rooms.findMore")}</p>}
        <RoomFailure failure={failure} />
        <div className={c.foot}>
          <Button onClick={() => app.show("newRoom")}>
            <IconUsersPlus size={16} stroke={1.7} aria-hidden />
            {t("rooms.new")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** A room that was found, with the way into it. */
function Found({ room, onEnter }: { room: RoomInfo; onEnter: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={c.found}>
      <div>
        <strong className="cut">{room.name}</strong>
        <p className={c.foundTopic}>{room.topic}</p>
        <small className="num">{t("rooms.members", { count: room.members })}</small>
      </div>
      <Button
        size="sm"
        kind={room.member ? undefined : "primary"}
        aria-label={t(room.member ? "rooms.openName" : "rooms.joinName", { name: room.name })}
        onClick={onEnter}
      >
        {t(room.member ? "rooms.open" : "rooms.join")}
      </Button>
    </div>
  );
}

/** The rooms found for the text, null until the first answer; while one types on, those found before stay. */
function useRooms(text: string, onFailure: (failure: Failure | null) => void): RoomFindAnswer | null {
  const app = useApp();
  const [found, setFound] = useState<RoomFindAnswer | null>(null);
  useEffect(() => {
    let wanted = true;
    app.rooms.find(text).then(
      (answer) => {
        if (!wanted) return;
        setFound(answer);
        onFailure(null);
      },
      (e) => {
        if (!(e instanceof RequestError)) throw e;
        if (wanted) onFailure(e.failure);
      },
    );
    return () => {
      wanted = false;
    };
  }, [app, text, onFailure]);
  return found;
}
