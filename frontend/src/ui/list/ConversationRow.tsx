import { IconAlertCircle, IconBellOff, IconCheck, IconClock } from "@tabler/icons-react";
import { memo } from "react";
import { exact, listTime } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import { filesLine } from "../../state/fileKind";
import type { Row } from "../../state/select";
import { Badge } from "../base/parts";
import { useApp, useParley } from "../context";
import { FaceAvatar } from "../rooms/FaceAvatar";
import c from "./list.module.css";

/** One conversation of the list: who, when, and what was last said or is still to be said. */
export const ConversationRow = memo(function ConversationRow({
  row,
  selected,
  now,
}: {
  row: Row;
  selected: boolean;
  now: number;
}) {
  const { t } = useTranslation();
  const app = useApp();
  const flashing = useParley((s) => s.places.flashing.includes(row.id));
  const { name, person, unread } = row;
  return (
    <button
      type="button"
      className={c.row}
      data-unread={unread > 0 || undefined}
      aria-current={selected || undefined}
      onClick={() => app.openConversation(row.id)}
    >
      <FaceAvatar name={name} person={person} />
      <span>
        <span className={c.line}>
          <span className={`${c.name} cut`}>{name}</span>
          {row.talk?.muted && <Muted />}
          {person?.role === "expert" && <span className={c.tag}>{t("list.expert")}</span>}
          {row.at > 0 && (
            <time className={`${c.time} num`} dateTime={new Date(row.at).toISOString()} title={exact(row.at)}>
              {listTime(row.at, now)}
            </time>
          )}
        </span>
        <span className={c.line}>
          <Preview row={row} selected={selected} />
          <Badge
            count={unread}
            tone={row.talk?.muted ? "quiet" : flashing ? "red" : "accent"}
            label={t("unread", { count: unread })}
          />
        </span>
      </span>
    </button>
  );
});

/** Marks a conversation that does not disturb. */
function Muted() {
  const { t } = useTranslation();
  return (
    <span className={c.muted} role="img" aria-label={t("attention.muted")}>
      <IconBellOff size={14} stroke={1.7} aria-hidden />
    </span>
  );
}

function Preview({ row, selected }: { row: Row; selected: boolean }) {
  const { t } = useTranslation();
  const last = row.talk?.messages.at(-1);
  const { typing, me, author } = useParley((s) => ({
    typing: Object.keys(s.world.typing[row.id] ?? {}).length > 0,
    me: s.world.me?.user.id,
    author: last && s.world.people[last.authorId]?.displayName.split(" ")[0],
  }));
  const room = row.talk?.conversation.kind === "room";
  if (typing) {
    return (
      <span className={`${c.preview} cut`}>
        <span>{t(room ? "rooms.typing" : "list.typing")}</span>
      </span>
    );
  }
  // What one is writing right now is in sight already.
  if (row.draft && !selected) {
    return (
      <span className={`${c.preview} cut`}>
        <b>{t("list.draft")}</b> {oneLine(row.draft.text)}
      </span>
    );
  }
  const pending = row.pending;
  if (pending) {
    const refused = pending.state === "refused";
    const Icon = refused ? IconAlertCircle : IconClock;
    return (
      <>
        <Icon size={14} stroke={1.7} data-tone={refused ? "red" : undefined} aria-hidden />
        <span className={`${c.preview} cut`}>
          {refused ? <em>{t("list.notSent")}</em> : <span className="vh">{t("list.waiting")}</span>}{" "}
          {oneLine(pending.message.text || filesLine(pending.files))}
        </span>
      </>
    );
  }
  if (!last) return <span className={`${c.preview} cut`}>{room ? t("rooms.room") : row.person?.title}</span>;
  const mine = last.authorId === me;
  return (
    <>
      {mine && <IconCheck size={14} stroke={1.7} aria-hidden />}
      <span className={`${c.preview} cut`}>
        {mine && <i>{t("list.you")} </i>}
        {!mine && room && author && <i>{author}: </i>}
        {last.deletedAt ? <i>{t("message.deleted")}</i> : oneLine(last.text || filesLine(last.attachments))}
      </span>
    </>
  );
}

/** The beginning of a text as one line; enough for the widest row. */
export function oneLine(text: string): string {
  return text.slice(0, 200).replace(/\s+/g, " ");
}
