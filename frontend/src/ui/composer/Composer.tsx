import { Tooltip } from "@mantine/core";
import { IconArrowUp, IconClock, IconCloudOff, IconCornerDownLeft, IconLock } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { since } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import { type Can, type ConversationID, MAX_TEXT_LENGTH } from "../../protocol";
import { lengthOf } from "../../state/document";
import type { Transfer } from "../../state/files";
import type { Content } from "../../state/outbox";
import type { Face } from "../../state/rooms";
import { draftOf } from "../../state/select";
import { Button } from "../base/parts";
import { useApp, useNet, useParley, usePhone } from "../context";
import { AttachButton } from "../files/AttachButton";
import { Chips } from "../files/Chips";
import { filesOf } from "../files/DropFiles";
import { factsOf, reasonOf } from "../why/reason";
import { WhyLink } from "../why/Why";
import c from "./composer.module.css";
import { PlainEditor } from "./PlainEditor";

/** Loads the rich editor ahead of its use. */
export const loadEditor = () => import("./RichEditor");
const RichEditor = lazy(loadEditor);

/** From here on the counter shows. */
const NEAR = MAX_TEXT_LENGTH * 0.9;
/** An allowance that ends sooner than this is told above the text. */
const SOON_MS = 24 * 3_600_000;

/** Where one writes; or, where one may not, the reason and its Why. */
export function Composer({ id, face, can }: { id: ConversationID; face: Face; can: Can }) {
  const { t } = useTranslation();
  const world = useParley((s) => s.world);
  const name = face.name;
  if (!can.allowed) {
    return (
      <section className={`${c.composer} ${c.refused}`} aria-label={t("composer.label", { name })}>
        <IconLock size={16} stroke={1.7} aria-hidden />
        <span>{reasonOf(t, can.rule, factsOf(t, world, name, can.rule)).verdict}</span>
        <WhyLink source={can} name={name} about={{ act: "post", conversationId: id }} />
      </section>
    );
  }
  return <Writer id={id} face={face} can={can} />;
}

function Writer({ id, face, can }: { id: ConversationID; face: Face; can: Can }) {
  const { t } = useTranslation();
  const app = useApp();
  const phone = usePhone();
  const rich = useParley((s) => s.world.me?.user.role !== "expert");
  // Read once: from here on what is typed here is the draft.
  const [initial] = useState<Content>(() => {
    const draft = draftOf(app.state.world, app.state.drafts, id);
    return draft ? { text: draft.text, document: draft.document } : { text: "" };
  });
  const [length, setLength] = useState(() => lengthOf(initial.text));
  const files = useParley((s) => s.files.filter((f) => f.conversationId === id && !f.named));

  useEffect(() => () => app.typing(id, false), [app, id]);

  const change = (content: Content) => {
    setLength(lengthOf(content.text.trim()));
    app.setDraft(id, content);
    app.typing(id, content.text !== "");
  };
  const send = (content: Content): boolean => {
    const n = lengthOf(content.text);
    const taken = app.files.of(id).some((f) => f.state !== "refused");
    if ((n === 0 && !taken) || n > MAX_TEXT_LENGTH) return false;
    app.post(id, n === 0 ? { text: "" } : content);
    app.typing(id, false);
    setLength(0);
    return true;
  };
  const props = {
    initial,
    label: t("composer.label", { name: face.name }),
    placeholder: t("composer.placeholder", { name: face.short }),
    onChange: change,
    onSend: send,
    begin: <AttachButton id={id} />,
    end: (press: () => void) => <End length={length} files={files} onSend={press} />,
    autoFocus: !phone,
  };
  return (
    <div
      className={c.composer}
      data-plain={!rich || undefined}
      onPasteCapture={(e) => {
        const pasted = filesOf(e.clipboardData);
        // Words that come with a picture of themselves, from an office program, are pasted as words.
        if (pasted.length === 0 || e.clipboardData.types.includes("text/plain")) return;
        e.preventDefault();
        app.attach(id, pasted);
      }}
    >
      <Limits can={can} />
      <Chips id={id} />
      {rich ? (
        <Suspense fallback={<Waiting />}>
          <RichEditor {...props} />
        </Suspense>
      ) : (
        <PlainEditor {...props} />
      )}
    </div>
  );
}

/** Keeps the place of the editor while it is loaded, so that nothing moves. */
function Waiting() {
  return (
    <>
      <div className={c.area}>
        <div style={{ minHeight: 40 }} />
      </div>
      <div className={c.tools} style={{ height: 38 }} />
    </>
  );
}

/** What holds for the next message: that it will wait, or until when one may answer. */
function Limits({ can }: { can: Can }) {
  const { t } = useTranslation();
  const offline = useNet().kind === "offline";
  if (offline) {
    return (
      <div className={c.limits}>
        <IconCloudOff size={16} stroke={1.7} aria-hidden />
        {t("composer.offline")}
      </div>
    );
  }
  const now = Date.now();
  if (can.untilAt && can.untilAt - now < SOON_MS) {
    return (
      <div className={c.limits}>
        <IconClock size={16} stroke={1.7} aria-hidden />
        {t("composer.replyUntil", { time: since(can.untilAt, now) })}
      </div>
    );
  }
  return null;
}

/** Counter, near the limit, and Send. */
function End({ length, files, onSend }: { length: number; files: readonly Transfer[]; onSend: () => void }) {
  const { t } = useTranslation();
  const phone = usePhone();
  const over = length - MAX_TEXT_LENGTH;
  const taken = files.filter((f) => f.state !== "refused");
  const nothing = length === 0 && taken.length === 0;
  const off = nothing || over > 0;
  const hint = nothing
    ? t("composer.empty")
    : over > 0
      ? t("composer.tooLong", { over })
      : t(taken.some((f) => f.state !== "arrived") ? "files.sendHint" : "composer.sendHint");
  return (
    <div className={c.end}>
      {length > NEAR && (
        <span className={`${c.count} num`} data-over={over > 0 || undefined} role="status">
          {over > 0
            ? t("composer.tooLong", { over })
            : t("composer.count", { used: length.toLocaleString(), max: MAX_TEXT_LENGTH.toLocaleString() })}
        </span>
      )}
      <Tooltip label={hint} disabled={phone}>
        <Button
          kind="primary"
          className={phone ? c.sendRound : c.send}
          aria-label={phone ? t("composer.send") : undefined}
          // Not `disabled`: the reason must be reachable, and focus must not be lost with every message.
          aria-disabled={off}
          onMouseDown={(e) => e.preventDefault()}
          onClick={() => !off && onSend()}
        >
          {phone ? (
            <IconArrowUp size={22} stroke={1.7} aria-hidden />
          ) : (
            <>
              {t("composer.send")}
              <IconCornerDownLeft size={16} stroke={1.7} aria-hidden className="mirror" />
            </>
          )}
        </Button>
      </Tooltip>
    </div>
  );
}
