import { IconEye, IconPencil } from "@tabler/icons-react";
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { ConversationID } from "../../protocol";
import type { Transfer } from "../../state/files";
import { mentionsIn } from "../../state/mentions";
import type { Content } from "../../state/outbox";
import { IconButton } from "../base/parts";
import { useParley, usePhone } from "../context";
import { PreviewBubble } from "../conversation/Bubble";
import { modKey } from "../keys";
import c from "./composer.module.css";
import type { EditorHandle } from "./editor";

/**
 * Whether the message is shown as it will be, in place of the field. `onKey` is to be called before any other key: Ctrl+Shift+X (on a
 * Mac Cmd) goes there and back, Escape back.
 */
export function usePreview(handle: RefObject<EditorHandle | null>) {
  const [on, setOn] = useState(false);
  const leave = () => {
    setOn(false);
    // The field is hidden until then.
    requestAnimationFrame(() => handle.current?.focus());
  };
  const toggle = () => (on ? leave() : setOn(true));
  const onKey = (e: KeyboardEvent, something: boolean): boolean => {
    const asked = (e.ctrlKey || e.metaKey) && e.shiftKey && e.key.toLowerCase() === "x";
    if (!asked && !(on && e.key === "Escape")) return false;
    e.preventDefault();
    e.stopPropagation();
    if (on || something) toggle();
    return true;
  };
  return { on, toggle, onKey, end: () => setOn(false) };
}

/** Goes to the preview and back. */
export function PreviewButton({
  on,
  nothing,
  onToggle,
}: {
  on: boolean;
  /** There is nothing to be shown. */
  nothing: boolean;
  onToggle: () => void;
}) {
  const { t } = useTranslation();
  const phone = usePhone();
  const off = nothing && !on;
  if (off && phone) return null; // there is little room
  const words = t(on ? "composer.previewEnd" : "composer.preview");
  return (
    <IconButton
      icon={on ? IconPencil : IconEye}
      iconSize={18}
      label={t("composer.preview")}
      hint={off ? t("composer.empty") : `${words}  ${modKey} Shift X`}
      aria-pressed={on}
      aria-disabled={off}
      onMouseDown={(e) => e.preventDefault()}
      onClick={() => !off && onToggle()}
    />
  );
}

/** The message as it will be shown. */
export function Preview({
  id,
  content,
  files,
}: {
  id: ConversationID;
  content: Content;
  files: readonly Transfer[];
}) {
  const { t } = useTranslation();
  const place = useRef<HTMLElement>(null);
  const quoted = useParley((s) => s.quoting[id]);
  const mentions = useParley((s) => mentionsIn(s.world, id, content.text));
  useEffect(() => place.current?.focus(), []);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is longer than its place is scrolled by keys
    <section ref={place} className={c.preview} aria-label={t("composer.previewOf")} tabIndex={0}>
      <PreviewBubble
        conversationId={id}
        text={content.text.trim()}
        document={content.document}
        mentions={mentions}
        quoted={quoted}
        files={files.filter((f) => f.state !== "refused")}
      />
    </section>
  );
}
