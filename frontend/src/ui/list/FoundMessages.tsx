import { IconFilter, IconSearchOff, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useStore } from "zustand";
import { exact, listTime } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import type { Message } from "../../protocol";
import { LEAST, type Narrowed, snippet } from "../../state/finding";
import { faceOf } from "../../state/rooms";
import { colleagues } from "../../state/select";
import { Button, Empty, IconButton, LinkButton } from "../base/parts";
import { useApp, useNow, useParley } from "../context";
import { FaceAvatar } from "../rooms/FaceAvatar";
import f from "./found.module.css";
import c from "./list.module.css";

/** The messages in which something was found, below the names. */
export function FoundMessages({ alone }: { alone: boolean }) {
  const { t } = useTranslation();
  const { finding } = useApp();
  const now = useNow(60_000);
  const { text, found, foundText, more, here, busy, failure } = useStore(finding.store);
  if (text.trim().length < LEAST) return alone && <p className={f.hint}>{t("find.type")}</p>;
  return (
    <section aria-label={t("find.messages")} aria-busy={busy}>
      {found && found.length > 0 && <h2 className={c.section}>{t("find.messages")}</h2>}
      <ul>
        {found?.map((message) => (
          <li key={message.id}>
            <FoundMessage message={message} query={foundText} now={now} />
          </li>
        ))}
      </ul>
      <div role="status">
        {here && found && !failure && <p className={f.hint}>{t("find.hereOnly")}</p>}
        {failure ? (
          <div className={f.hint}>
            <p>{failure.code === "offline" ? t("find.offline") : failure.text}</p>
            <LinkButton onClick={() => finding.again()}>{t("conversation.tryAgain")}</LinkButton>
          </div>
        ) : busy && !found ? (
          <p className={f.hint}>{t("find.busy")}</p>
        ) : (
          found?.length === 0 &&
          !busy &&
          (alone ? (
            <Empty
              icon={IconSearchOff}
              title={t("list.noMatch", { query: foundText })}
              text={t("find.none")}
            />
          ) : (
            <p className={f.hint}>{t("find.noMessages")}</p>
          ))
        )}
      </div>
      {more && !failure && (
        <div className={f.more}>
          <Button size="sm" aria-disabled={busy} onClick={() => void finding.older()}>
            {t("find.more")}
          </Button>
        </div>
      )}
    </section>
  );
}

function FoundMessage({ message, query, now }: { message: Message; query: string; now: number }) {
  const { t } = useTranslation();
  const app = useApp();
  const face = useParley((s) => faceOf(s.world, message.conversationId));
  const author = useParley((s) =>
    message.authorId === s.world.me?.user.id
      ? t("list.you")
      : face?.room && `${s.world.people[message.authorId]?.displayName ?? "…"}:`,
  );
  if (!face) return null; // it was lost meanwhile
  return (
    <button type="button" className={`${c.row} ${f.row}`} onClick={() => void app.openMessage(message)}>
      <FaceAvatar name={face.name} person={face.person} />
      <span>
        <span className={c.line}>
          <span className={`${c.name} cut`}>{face.name}</span>
          <time
            className={`${c.time} num`}
            dateTime={new Date(message.at).toISOString()}
            title={exact(message.at)}
          >
            {listTime(message.at, now)}
          </time>
        </span>
        <span className={f.text}>
          {author && <i>{author} </i>}
          {snippet(message.text, query).map((piece, i) =>
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name, and never move
            piece.hit ? <mark key={i}>{piece.text}</mark> : <span key={i}>{piece.text}</span>,
          )}
        </span>
      </span>
    </button>
  );
}

/** What the messages are narrowed down to: where, by whom, when. */
export function Narrowing() {
  const { t } = useTranslation();
  const { finding } = useApp();
  const narrowed = useStore(finding.store, (s) => s.narrowed);
  const [open, setOpen] = useState(false);
  const world = useParley((s) => s.world);
  const where = narrowed.conversationId ? faceOf(world, narrowed.conversationId)?.name : undefined;
  const change = (to: Narrowed) => finding.narrow(to);
  const shown = open || narrowed.authorId !== undefined || Boolean(narrowed.from) || Boolean(narrowed.to);
  return (
    <div className={f.narrowing}>
      <div className={f.chips}>
        {where !== undefined && (
          <span className={f.chip}>
            <span className="cut">{t("find.in", { name: where })}</span>
            <IconButton
              icon={IconX}
              size="sm"
              iconSize={12}
              label={t("find.everywhere")}
              onClick={() => change({ conversationId: undefined })}
            />
          </span>
        )}
        <button type="button" className={f.toggle} aria-expanded={shown} onClick={() => setOpen(!shown)}>
          <IconFilter size={14} stroke={1.7} aria-hidden />
          {t("find.narrow")}
        </button>
      </div>
      {shown && (
        <div className={f.fields}>
          <label>
            <span>{t("find.by")}</span>
            <select
              value={narrowed.authorId ?? ""}
              onChange={(e) => change({ authorId: e.currentTarget.value || undefined })}
            >
              <option value="">{t("find.anybody")}</option>
              {world.me && <option value={world.me.user.id}>{t("find.me")}</option>}
              {colleagues(world).map((u) => (
                <option key={u.id} value={u.id}>
                  {u.displayName}
                </option>
              ))}
            </select>
          </label>
          <label>
            <span>{t("find.from")}</span>
            <input
              type="date"
              value={narrowed.from ?? ""}
              max={narrowed.to}
              onChange={(e) => change({ from: e.currentTarget.value || undefined })}
            />
          </label>
          <label>
            <span>{t("find.to")}</span>
            <input
              type="date"
              value={narrowed.to ?? ""}
              min={narrowed.from}
              onChange={(e) => change({ to: e.currentTarget.value || undefined })}
            />
          </label>
        </div>
      )}
    </div>
  );
}
