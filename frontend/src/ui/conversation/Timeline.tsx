import { Loader } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  memo,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { day, daysBetween, sameDay } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import type { Can, ConversationID } from "../../protocol";
import type { Face } from "../../state/rooms";
import { outboxOf } from "../../state/select";
import { type Entry, entriesOf } from "../../state/timeline";
import { LinkButton } from "../base/parts";
import { useApp, useNow, useParley } from "../context";
import { FaceAvatar } from "../rooms/FaceAvatar";
import { NoteLine } from "../rooms/NoteLine";
import { Bubble, PendingBubble } from "./Bubble";
import c from "./conversation.module.css";
import { Divider } from "./Divider";
import { focusComposer, moveAmongMessages } from "./MessageActions";

/** How near to the end counts as being there, in pixels. */
const END_PX = 60;
/** Older messages are asked for this many rows before the first. */
const AHEAD = 4;
const ROW_PX = 44;
/** How long the message one went to stays marked. */
const WANTED_MS = 4000;

/**
 * The messages of a conversation. Only the rows in sight exist; the view holds on to its end, so older messages come
 * in above and new ones below without anything moving under the eye.
 */
export function Timeline({ id, face, can }: { id: ConversationID; face: Face; can: Can }) {
  const { t } = useTranslation();
  const app = useApp();
  const scroller = useRef<HTMLDivElement>(null);
  const { talk, world, own, fresh, me, wanted } = useParley((s) => ({
    talk: s.world.talks[id],
    world: s.world.outbox,
    own: s.own,
    fresh: s.fresh[id],
    me: s.world.me?.user.id ?? "",
    wanted: s.wanted?.conversationId === id ? s.wanted.id : undefined,
  }));
  // biome-ignore lint/correctness/useExhaustiveDependencies: outboxOf reads the world's outbox alone
  const outbox = useMemo(() => outboxOf(app.state.world, own, id), [world, own, id]);
  const entries = useMemo(() => entriesOf(talk, outbox, me, fresh), [talk, outbox, me, fresh]);
  const { atEnd, hold, toEnd } = useEnd(scroller);
  // Reading begins at the first new message if it would be out of sight, else at the end.
  const [begin] = useState(() => {
    const at = entries.findIndex((e) => e.kind === "new");
    return at < 0 || entries.length - at <= 8 ? undefined : at;
  });

  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (i) => entries[i]?.key ?? i,
    overscan: 6,
    // The rows where reading begins are the first ones drawn: without these two the first ones of all would be, for nothing.
    initialOffset: () => (begin ?? entries.length) * ROW_PX,
    initialRect: { width: 0, height: window.innerHeight },
    // Older messages come in above without moving what is read.
    anchorTo: "end",
  });
  const height = virtual.getTotalSize();

  // biome-ignore lint/correctness/useExhaustiveDependencies: once; another conversation mounts another timeline
  useLayoutEffect(() => {
    if (begin === undefined) return;
    hold.current = false;
    virtual.scrollToIndex(begin, { align: "start" });
  }, []);
  // The message one went to comes into the middle as soon as it is there.
  const wantedAt = wanted ? entries.findIndex((e) => e.key === wanted) : -1;
  const there = wantedAt >= 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once it is there; rows that come do not move the eye
  useLayoutEffect(() => {
    if (!there) return;
    hold.current = false;
    virtual.scrollToIndex(wantedAt, { align: "center" });
  }, [wanted, there]);
  useEffect(() => {
    if (!there) return;
    const over = setTimeout(() => app.shown(), WANTED_MS);
    return () => clearTimeout(over);
  }, [app, there]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows that come or grow move the end
  useLayoutEffect(() => {
    if (hold.current) toEnd();
  }, [entries, height, hold, toEnd]);
  useEffect(() => app.setAtEnd(atEnd), [app, atEnd]);

  // What one writes oneself is always brought into sight.
  const lastPending = outbox.at(-1)?.message.id;
  const seen = useRef(lastPending);
  useEffect(() => {
    if (lastPending && lastPending !== seen.current) toEnd();
    seen.current = lastPending;
  }, [lastPending, toEnd]);

  const rows = virtual.getVirtualItems();
  const firstRow = rows[0]?.index ?? 0;
  const more = talk?.more ?? false;
  const failed = useParley((s) => s.loading[id]);
  useEffect(() => {
    if (more && firstRow <= AHEAD && failed === undefined) return afterPaint(() => void app.older.load(id));
  }, [app, id, more, firstRow, failed]);

  const unseen = talk ? talk.lastN - talk.readN : 0;
  return (
    <div className={c.stage}>
      <section
        ref={scroller}
        className={c.scroller}
        aria-label={t("conversation.timeline", { name: face.name })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
        tabIndex={0}
        onKeyDown={(e) => {
          if (e.key === "Escape") focusComposer();
          if ((e.key === "ArrowUp" || e.key === "ArrowDown") && moveAmongMessages(e.currentTarget, e.key))
            e.preventDefault();
        }}
      >
        <div className={c.rows} style={{ height }}>
          {rows.map((row) => (
            <div
              key={row.key}
              ref={virtual.measureElement}
              data-index={row.index}
              data-wanted={row.key === wanted || undefined}
              className={c.entry}
              style={{ transform: `translateY(${row.start}px)` }}
            >
              <Row
                entry={entries[row.index] as Entry}
                id={id}
                face={face}
                can={can}
                last={row.index === entries.length - 1}
              />
            </div>
          ))}
        </div>
      </section>
      {!atEnd && (
        <button
          type="button"
          className={c.jump}
          data-new={unseen > 0 || undefined}
          onClick={toEnd}
          aria-label={t("conversation.toEnd")}
        >
          <IconArrowDown size={16} stroke={1.7} aria-hidden />
          {unseen > 0 && t("conversation.new", { count: unseen })}
        </button>
      )}
    </div>
  );
}

/** Runs something once what is there is drawn; the answer keeps it from it. */
function afterPaint(run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(run);
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

/**
 * Knows whether the end is in sight, and holds on to it: while `hold` is true, whatever comes or grows, and whatever
 * makes the place smaller (the composer, the offline bar), leaves the end in sight. Scrolling up lets go.
 */
function useEnd(scroller: RefObject<HTMLElement | null>) {
  const hold = useRef(true);
  const [atEnd, setAtEnd] = useState(true);
  const toEnd = useCallback(() => {
    const el = scroller.current;
    if (el) el.scrollTop = el.scrollHeight;
  }, [scroller]);
  useEffect(() => {
    const el = scroller.current;
    if (!el) return;
    const look = () => {
      hold.current = el.scrollHeight - el.scrollTop - el.clientHeight <= END_PX;
      setAtEnd(hold.current);
    };
    const observer = new ResizeObserver(() => {
      if (hold.current) toEnd();
    });
    el.addEventListener("scroll", look, { passive: true });
    observer.observe(el);
    return () => {
      el.removeEventListener("scroll", look);
      observer.disconnect();
    };
  }, [scroller, toEnd]);
  return { atEnd, hold, toEnd };
}

const Row = memo(function Row({
  entry,
  id,
  face,
  can,
  last,
}: {
  entry: Entry;
  id: ConversationID;
  face: Face;
  can: Can;
  last: boolean;
}) {
  const { t } = useTranslation();
  const author = useParley((s) =>
    face.room && entry.kind === "message" ? s.world.people[entry.message.authorId]?.displayName : face.name,
  );
  switch (entry.kind) {
    case "head":
      return <Beginning id={id} face={face} can={can} />;
    case "day":
      return <DayDivider at={entry.at} />;
    case "new":
      return <Divider text={t("conversation.new", { count: entry.count })} tone="new" />;
    case "note":
      return <NoteLine note={entry.note} />;
    case "message":
      return (
        <Bubble
          message={entry.message}
          mine={entry.mine}
          first={entry.first}
          name={author ?? "…"}
          pictured={face.room !== undefined}
          mayPost={can.allowed}
        />
      );
    case "pending":
      return <PendingBubble item={entry.item} first={entry.first} last={last} name={face.name} />;
  }
});

function DayDivider({ at }: { at: number }) {
  const { t } = useTranslation();
  const app = useApp();
  const now = useNow(60_000);
  const date = day(at, now);
  const text = sameDay(at, now)
    ? t("conversation.today", { date })
    : daysBetween(at, now) === 1
      ? t("conversation.yesterday", { date })
      : date;
  return <Divider text={text} hint={t("date.title")} onClick={() => app.show("goToDate")} />;
}

/** Above the first message: the beginning itself, or that older messages are on their way. */
function Beginning({ id, face, can }: { id: ConversationID; face: Face; can: Can }) {
  const { t } = useTranslation();
  const app = useApp();
  const { more, empty, loading } = useParley((s) => ({
    more: s.world.talks[id]?.more ?? false,
    empty: (s.world.talks[id]?.lastN ?? 0) === 0,
    loading: s.loading[id],
  }));
  if (loading !== undefined && loading !== true) {
    return (
      <div className={c.older} role="status">
        <span>
          {loading.code === "offline"
            ? t("conversation.olderOffline")
            : `${t("conversation.olderFailed")} ${loading.text}`}
        </span>
        <LinkButton onClick={() => void app.older.load(id)}>{t("conversation.tryAgain")}</LinkButton>
      </div>
    );
  }
  if (more) {
    return (
      <div className={c.older}>
        <Loader size={14} aria-hidden />
        {t("conversation.older")}
      </div>
    );
  }
  const { name, short, person } = face;
  return (
    <div className={c.beginning}>
      <FaceAvatar name={name} size="xl" person={person} />
      <h2>{t(person ? "conversation.first" : "rooms.beginning", { name })}</h2>
      {empty && can.allowed && <p>{t("conversation.firstText")}</p>}
      {empty && !can.allowed && person && <p>{t("conversation.firstTextRefused", { name: short })}</p>}
    </div>
  );
}
