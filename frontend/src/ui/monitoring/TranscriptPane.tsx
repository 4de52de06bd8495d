import { IconChevronLeft, IconEye, IconEyeOff } from "@tabler/icons-react";
import { useEffect, useLayoutEffect, useRef } from "react";
import { useStore } from "zustand";
import { day, sameDay } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import type { TranscriptInfo } from "../../protocol";
import type { Transcript } from "../../state/monitoring";
import { Button, Empty, IconButton } from "../base/parts";
import { useApp, useNow, useParley, usePhone } from "../context";
import { Bubble } from "../conversation/Bubble";
import c from "../conversation/conversation.module.css";
import { Divider } from "../conversation/Divider";
import { useNames } from "./MonitoringPage";
import m from "./monitoring.module.css";

/** How near to the end counts as being there, in pixels. */
const END_PX = 60;

/** A conversation of others: what was written, and what is being written. It can only be read. */
export function TranscriptPane() {
  const { t } = useTranslation();
  const { monitoring } = useApp();
  const { open, found } = useStore(monitoring.store);
  const info = open && found.find((f) => f.conversation.id === open.id);
  if (!open || !info) {
    return (
      <div className={c.nothing} id="conversation" tabIndex={-1}>
        <Empty page icon={IconEye} title={t("monitoring.choose")} text={t("monitoring.chooseText")} />
      </div>
    );
  }
  return <Opened key={open.id} open={open} info={info} />;
}

function Opened({ open, info }: { open: Transcript; info: TranscriptInfo }) {
  const { t } = useTranslation();
  const { monitoring } = useApp();
  const phone = usePhone();
  const names = useNames(info);
  return (
    <section className={c.talk} id="conversation" aria-label={names.join(", ")} tabIndex={-1}>
      <header className={c.head}>
        {phone && (
          <IconButton
            icon={IconChevronLeft}
            iconSize={22}
            mirror
            label={t("nav.back")}
            onClick={() => monitoring.close()}
          />
        )}
        <div className={c.headText}>
          <h1 className="cut">{names.join(" · ")}</h1>
        </div>
      </header>
      <p className={m.mark} role="status" data-live={open.live}>
        {open.live === "ended" ? (
          <IconEyeOff size={16} stroke={1.7} aria-hidden />
        ) : (
          <IconEye size={16} stroke={1.7} aria-hidden />
        )}
        {t(`monitoring.marks.${open.live}`)}
      </p>
      <Lines open={open} readable={info.transcript} />
      {open.failure && (
        <p className={m.failure} role="alert">
          {open.failure.text}
        </p>
      )}
      <footer className={m.foot}>{t("monitoring.audited")}</footer>
    </section>
  );
}

function Lines({ open, readable }: { open: Transcript; readable: boolean }) {
  const { t } = useTranslation();
  const { monitoring } = useApp();
  const now = useNow(60_000);
  const people = useParley((s) => s.world.people);
  const scroller = useRef<HTMLDivElement>(null);
  const hold = useRef(true);
  const { messages } = open;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what comes moves the end
  useLayoutEffect(() => {
    const el = scroller.current;
    if (el && hold.current) el.scrollTop = el.scrollHeight;
  }, [messages]);
  useEffect(() => {
    const el = scroller.current;
    const look = () => {
      if (el) hold.current = el.scrollHeight - el.scrollTop - el.clientHeight <= END_PX;
    };
    el?.addEventListener("scroll", look, { passive: true });
    return () => el?.removeEventListener("scroll", look);
  }, []);
  return (
    <section
      ref={scroller}
      className={`${c.scroller} ${m.lines}`}
      aria-label={t("monitoring.timeline")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
      tabIndex={0}
    >
      {open.more && (
        <div className={m.more}>
          <Button size="sm" aria-disabled={open.loading} onClick={() => void monitoring.before()}>
            {t("monitoring.before")}
          </Button>
        </div>
      )}
      {messages.length === 0 && !open.loading && !open.failure && (
        <Empty icon={IconEye} title={t("monitoring.waiting")} text={t("monitoring.waitingText")} />
      )}
      {messages.map((message, i) => {
        const last = messages[i - 1];
        const newDay = !last || !sameDay(last.at, message.at);
        return (
          <div key={message.id} className={m.line}>
            {newDay && <Divider text={day(message.at, now)} />}
            <Bubble
              message={message}
              mine={false}
              first={newDay || last.authorId !== message.authorId}
              name={people[message.authorId]?.displayName ?? "…"}
              pictured
              versions={readable ? "transcript" : "none"}
            />
          </div>
        );
      })}
    </section>
  );
}
