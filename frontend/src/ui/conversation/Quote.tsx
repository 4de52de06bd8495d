import { IconArrowBackUp } from "@tabler/icons-react";
import { useTranslation } from "../../i18n/useTranslation";
import type { ConversationID, Message, MessageID } from "../../protocol";
import { useApp, useParley } from "../context";
import { oneLine } from "../list/ConversationRow";
import c from "./amend.module.css";

/** What a quoted message says now: one that was deleted says nothing in a quote either. */
export function QuotedLine({ message }: { message: Message }) {
  const { t } = useTranslation();
  const name = useParley((s) =>
    message.authorId === s.world.me?.user.id
      ? t("conversation.you")
      : (s.world.people[message.authorId]?.displayName ?? "…"),
  );
  return (
    <>
      <b>{name}</b> {message.deletedAt ? <i>{t("message.deleted")}</i> : <span>{oneLine(message.text)}</span>}
    </>
  );
}

/** The message that another one quotes, above its text; a click leads there. */
export function Quote({
  conversationId,
  id,
  n,
}: {
  conversationId: ConversationID;
  id: MessageID;
  n?: number;
}) {
  const { t } = useTranslation();
  const app = useApp();
  const quoted = useParley((s) => s.world.talks[conversationId]?.messages.find((m) => m.id === id));
  const at = quoted?.n ?? n;
  return (
    <button
      type="button"
      className={c.quote}
      aria-label={t("message.toQuoted")}
      onClick={() => at && void app.openMessage({ conversationId, id, n: at })}
    >
      <IconArrowBackUp size={14} stroke={1.7} aria-hidden className="mirror" />
      <span className="cut">{quoted ? <QuotedLine message={quoted} /> : t("message.quotedEarlier")}</span>
    </button>
  );
}
