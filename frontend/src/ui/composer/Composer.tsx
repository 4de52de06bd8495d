import { IconArrowBackUp, IconClock, IconCloudOff, IconLock, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, Suspense, useEffect, useRef, useState } from "react";
import { since } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import { type Can, type ConversationID, MAX_TEXT_LENGTH } from "../../protocol";
import { filesPasted } from "../../shell/drops";
import { lengthOf } from "../../state/document";
import type { Content } from "../../state/outbox";
import type { Face } from "../../state/rooms";
import { draftOf } from "../../state/select";
import { IconButton } from "../base/parts";
import { useApp, useNet, useParley, usePhone } from "../context";
import { QuotedLine } from "../conversation/Quote";
import { AttachButton } from "../files/AttachButton";
import { Chips } from "../files/Chips";
import { factsOf, reasonOf } from "../why/reason";
import { WhyLink } from "../why/Why";
import c from "./composer.module.css";
import type { EditorHandle } from "./editor";
import { Proposed, useMentions } from "./Mentions";
import { PlainEditor } from "./PlainEditor";
import { Preview, PreviewButton, usePreview } from "./Preview";
import { End, Length, RichEditor, Waiting } from "./parts";
import { Rewriter } from "./Rewriter";
import { ProposedTemplates, TemplateButton, useTemplates } from "./Templates";

/** An allowance that ends sooner than this is told above the text. */
const SOON_MS = 24 * 3_600_000;

/** Where one writes; or, where one may not, the reason and its Why. */
export function Composer({ id, face, can }: { id: ConversationID; face: Face; can: Can }) {
  const { t } = useTranslation();
  const world = useParley((s) => s.world);
  const editing = useParley((s) => (s.editing?.conversationId === id ? s.editing : null));
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
  if (editing) return <Rewriter key={editing.id} message={editing} face={face} />;
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

  useEffect(() => () => app.writing.typing(id, false), [app, id]);

  const handle = useRef<EditorHandle>(null);
  const mentions = useMentions(id, handle);
  const templates = useTemplates(id, handle, rich);
  const preview = usePreview(handle);
  // What is written now, for who wants to see it as it will be shown.
  const written = useRef<Content>(initial);
  const change = (content: Content) => {
    written.current = content;
    mentions.look();
    templates.look();
    setLength(lengthOf(content.text.trim()));
    app.writing.setDraft(id, content);
    app.writing.typing(id, content.text !== "");
  };
  const send = (content: Content): boolean => {
    if (app.writing.expectsFiles(id)) return false; // they belong to this message, and are here in a moment
    const n = lengthOf(content.text);
    const taken = app.writing.files.of(id).some((f) => f.state !== "refused");
    if ((n === 0 && !taken) || n > MAX_TEXT_LENGTH) return false;
    app.writing.post(id, n === 0 ? { text: "" } : content);
    app.writing.typing(id, false);
    setLength(0);
    written.current = { text: "" };
    preview.end();
    return true;
  };
  const props = {
    handle,
    initial,
    label: t("composer.label", { name: face.name }),
    placeholder: t("composer.placeholder", { name: face.short }),
    onChange: change,
    onSend: send,
    begin: (
      <>
        <AttachButton id={id} />
        <TemplateButton id={id} rich={rich} onTake={templates.put} />
      </>
    ),
    end: (press: () => void) => (
      <End length={length} files={files} onSend={press}>
        <PreviewButton
          on={preview.on}
          nothing={length === 0 && files.length === 0}
          onToggle={preview.toggle}
        />
      </End>
    ),
    autoFocus: !phone,
  };
  // In an empty field there is nowhere to go up to but to what one said last.
  const onKey = (e: KeyboardEvent) => {
    if (preview.onKey(e, length > 0 || files.length > 0)) return;
    if (mentions.onKey(e) || templates.onKey(e)) return;
    if (e.key === "Escape" && app.amend.unquote(id)) {
      e.preventDefault();
      e.stopPropagation();
    }
    if (e.key !== "ArrowUp" || length > 0 || e.shiftKey || e.ctrlKey || e.metaKey || e.altKey) return;
    if (app.amend.beginLast(id)) e.preventDefault();
  };
  return (
    <div
      className={c.composer}
      data-composer
      data-plain={!rich || undefined}
      data-previewing={preview.on || undefined}
      onKeyDownCapture={onKey}
      onPasteCapture={(e) => {
        const pasted = filesPasted(e.clipboardData, app.shell);
        if (!pasted) return;
        e.preventDefault();
        void app.writing.attachSoon(id, pasted);
      }}
    >
      <Limits can={can} />
      <Chips id={id} />
      <Quoting id={id} />
      <Proposed proposal={mentions.proposal} onTake={mentions.take} />
      <Length length={length} />
      <ProposedTemplates id={id} rich={rich} choice={templates.choice} onTake={templates.take} />
      {preview.on && <Preview id={id} content={written.current} files={files} />}
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

/** The message that the next one quotes. */
function Quoting({ id }: { id: ConversationID }) {
  const { t } = useTranslation();
  const app = useApp();
  // As it stands now: it may be edited or deleted meanwhile.
  const quoted = useParley((s) => {
    const chosen = s.quoting[id];
    return chosen && (s.world.talks[id]?.messages.find((m) => m.id === chosen.id) ?? chosen);
  });
  if (!quoted) return null;
  return (
    <div className={c.limits} data-editing>
      <IconArrowBackUp size={16} stroke={1.7} aria-hidden className="mirror" />
      <span className="cut">
        <span className="vh">{t("composer.quoting")} </span>
        <QuotedLine message={quoted} />
      </span>
      <IconButton
        icon={IconX}
        iconSize={16}
        size="sm"
        label={t("composer.unquote")}
        hint={`${t("composer.unquote")}  Esc`}
        onClick={() => app.amend.unquote(id)}
      />
    </div>
  );
}
