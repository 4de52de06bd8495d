import { IconLetterCase } from "@tabler/icons-react";
import { useEffect, useImperativeHandle, useRef, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { EmojiButton } from "../emoji/EmojiButton";
import c from "./composer.module.css";
import { type EditorProps, occupied } from "./editor";

/** Plain text, for experts. No formatting is offered; the reason is told on hover. */
export function PlainEditor({
  initial,
  label,
  placeholder,
  onChange,
  onSend,
  begin,
  end,
  autoFocus,
  handle,
}: EditorProps) {
  const { t } = useTranslation();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(initial.text);

  useEffect(() => {
    const el = field.current;
    if (!el || !autoFocus || occupied()) return;
    el.focus();
    el.setSelectionRange(el.value.length, el.value.length);
  }, [autoFocus]);

  // Grows with its text where the browser does not do so by itself.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text changes the height
  useEffect(() => {
    const el = field.current;
    if (!el || CSS.supports("field-sizing", "content")) return;
    el.style.height = "auto";
    el.style.height = `${el.scrollHeight}px`;
  }, [text]);

  const change = (next: string) => {
    setText(next);
    onChange({ text: next.trim() ? next : "" });
  };
  /** Puts words in the place of as many signs before the caret, or of what is marked. */
  const replace = (signs: number, words: string) => {
    const el = field.current;
    if (!el) return;
    el.focus();
    el.setRangeText(words, el.selectionStart - signs, el.selectionEnd, "end");
    change(el.value);
  };
  useImperativeHandle(handle, () => ({
    focus: () => field.current?.focus(),
    before: () => {
      const el = field.current;
      return el?.value.slice(0, el.selectionStart).split("\n").at(-1) ?? "";
    },
    replace,
    insert: (signs, content) => replace(signs, content.text),
  }));
  const send = () => {
    if (onSend({ text: text.trim() })) setText("");
    field.current?.focus();
  };

  return (
    <>
      <div className={c.area}>
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          aria-label={label}
          placeholder={placeholder}
          value={text}
          onChange={(e) => change(e.currentTarget.value)}
          onKeyDown={(e) => {
            if (e.key === "Enter" && !e.shiftKey && !e.nativeEvent.isComposing) {
              e.preventDefault();
              send();
            } else if (e.key === "Escape") {
              e.currentTarget.blur();
            }
          }}
        />
      </div>
      <div className={c.tools}>
        {begin}
        <span
          className={c.plain}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the reason must be reachable with the keyboard
          tabIndex={0}
          role="note"
          aria-label={t("composer.plain")}
          data-hint={t("composer.plain")}
          data-hint-touch
        >
          <IconLetterCase size={16} stroke={1.6} aria-hidden />
          {t("composer.plainTitle")}
        </span>
        <EmojiButton iconSize={17} label={t("composer.emoji")} onPick={(emoji) => replace(0, emoji)} />
        {end(send)}
      </div>
    </>
  );
}
