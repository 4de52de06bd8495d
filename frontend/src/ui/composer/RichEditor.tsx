import type { Editor } from "@tiptap/core";
import { Blockquote } from "@tiptap/extension-blockquote";
import { Bold } from "@tiptap/extension-bold";
import { Code } from "@tiptap/extension-code";
import { Document } from "@tiptap/extension-document";
import { HardBreak } from "@tiptap/extension-hard-break";
import { Italic } from "@tiptap/extension-italic";
import { Link } from "@tiptap/extension-link";
import { BulletList, ListItem, OrderedList } from "@tiptap/extension-list";
import { Paragraph } from "@tiptap/extension-paragraph";
import { Strike } from "@tiptap/extension-strike";
import { Text } from "@tiptap/extension-text";
import { Placeholder, UndoRedo } from "@tiptap/extensions";
import { EditorContent, useEditor } from "@tiptap/react";
import { useImperativeHandle, useRef } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { safeLink } from "../../shell/links";
import { contentOf, documentOf } from "../../state/document";
import { EmojiButton } from "../emoji/EmojiButton";
import c from "./composer.module.css";
import { type EditorProps, searches } from "./editor";
import { Toolbar } from "./Toolbar";

/** Rich text with what the wire allows and nothing else. Loaded on demand: it is the largest part of the page. */
export default function RichEditor({
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
  // The editor is made once; it must call what is current.
  const latest = useRef({ onChange, onSend });
  latest.current = { onChange, onSend };

  const editor = useEditor({
    shouldRerenderOnTransaction: false,
    content: initial.document ?? documentOf(initial.text),
    extensions: [
      Document,
      Paragraph,
      Text,
      HardBreak,
      Bold,
      Italic,
      Strike,
      Code,
      Blockquote,
      BulletList,
      OrderedList,
      ListItem,
      UndoRedo,
      Link.configure({ openOnClick: false, autolink: true, isAllowedUri: (uri) => safeLink(uri) !== null }),
      Placeholder.configure({ placeholder }),
    ],
    editorProps: {
      attributes: { role: "textbox", "aria-label": label, "aria-multiline": "true", dir: "auto" },
      handleKeyDown: (view, e) => handleKey(view.dom, e),
    },
    onCreate: ({ editor }) => {
      if (autoFocus && !searches()) editor.commands.focus("end");
    },
    onUpdate: ({ editor }) => latest.current.onChange(contentOf(editor.getJSON())),
  });

  useImperativeHandle(handle, () => ({
    before: () => {
      const { $from } = editor.state.selection;
      return $from.parent.textBetween(0, $from.parentOffset, "\n", "\n").split("\n").at(-1) ?? "";
    },
    replace: (signs, words) => {
      const { from } = editor.state.selection;
      // As a node: words alone would be read as HTML.
      editor
        .chain()
        .focus()
        .insertContentAt({ from: from - signs, to: from }, { type: "text", text: words })
        .run();
    },
  }));

  const send = () => {
    const done = latest.current.onSend(contentOf(editor.getJSON()));
    if (done) editor.commands.clearContent(false);
    editor.commands.focus();
  };

  const handleKey = (field: HTMLElement, e: KeyboardEvent): boolean => {
    if (e.key === "Escape") {
      // Not the command, which waits for the next frame: the next key must not land here.
      field.blur();
      return true;
    }
    if (e.key !== "Enter" || e.isComposing) return false;
    if (e.shiftKey) return newLine(editor);
    send();
    return true;
  };

  return (
    <>
      <div className={c.area}>
        <EditorContent editor={editor} />
      </div>
      <div className={c.tools}>
        {begin}
        <Toolbar editor={editor} />
        <EmojiButton
          iconSize={17}
          label={t("composer.emoji")}
          onPick={(emoji) => editor.chain().focus().insertContent(emoji).run()}
        />
        {end(send)}
      </div>
    </>
  );
}

/** Shift+Enter: the next item of a list, the way out of a list or quote where the line is empty, else a new line. */
function newLine(editor: Editor): boolean {
  const { $from, empty } = editor.state.selection;
  const lineIsEmpty = empty && $from.parent.content.size === 0;
  if (editor.isActive("listItem")) {
    return lineIsEmpty ? editor.commands.liftListItem("listItem") : editor.commands.splitListItem("listItem");
  }
  if (editor.isActive("blockquote")) {
    return lineIsEmpty ? editor.commands.lift("blockquote") : editor.commands.splitBlock();
  }
  return editor.commands.splitBlock();
}
