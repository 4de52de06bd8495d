import { clock, exact } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import type { RoomNote } from "../../protocol";
import { noteText } from "../../state/rooms";
import { useParley } from "../context";
import c from "./rooms.module.css";

/** What was changed of a room, as a line between its messages. */
export function NoteLine({ note }: { note: RoomNote }) {
  const { t } = useTranslation();
  const known = useParley((s) => ({ me: s.world.me, people: s.world.people }));
  return (
    <p className={c.note} data-note={note.kind}>
      {noteText(t, known, note)}{" "}
      <time className="num" dateTime={new Date(note.at).toISOString()} title={exact(note.at)}>
        {clock(note.at)}
      </time>
    </p>
  );
}
