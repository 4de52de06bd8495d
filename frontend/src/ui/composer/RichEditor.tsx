import type { Editor } from "@tiptap/core";
import { Placeholder } from "@tiptap/extensions";
import { type Node, Slice } from "@tiptap/pm/model";
import { EditorContent, useEditor } from "@tiptap/react";
import { useImperativeHandle, useRef } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { contentOf, documentOf } from "../../state/document";
import type { Content } from "../../state/outbox";
import { EmojiButton } from "../emoji/EmojiButton";
import c from "./composer.module.css";
import { type EditorProps, occupied } from "./editor";
import { formats } from "./formats";
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
    extensions: [...formats, Placeholder.configure({ placeholder })],
    editorProps: {
      attributes: { role: "textbox", "aria-label": label, "aria-multiline": "true", dir: "auto" },
      handleKeyDown: (view, e) => handleKey(view.dom, e),
    },
    onCreate: ({ editor }) => {
      if (!autoFocus) return;
      editor.commands.setTextSelection(editor.state.doc.content.size);
      // Not the command, which would not look again: the palette may have been opened until the next frame.
      requestAnimationFrame(() => {
        if (!editor.isDestroyed && !occupied()) editor.view.focus();
      });
    },
    onUpdate: ({ editor }) => latest.current.onChange(contentOf(editor.getJSON())),
  });

  useImperativeHandle(handle, () => ({
    focus: () => editor.commands.focus(),
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
    insert: (signs, content) => {
      const { from, to } = editor.state.selection;
      const { tr } = editor.state;
      // Whoever writes on does so without the formatting of the last word.
      tr.replaceRange(from - signs, to, sliceOf(editor, content))
        .setStoredMarks([])
        .scrollIntoView();
      editor.view.dispatch(tr);
      editor.commands.focus();
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

/** What was written elsewhere, as it joins the lines before and after it where these are paragraphs. */
function sliceOf(editor: Editor, { text, document }: Content): Slice {
  const blocks = editor.schema.nodeFromJSON(document ?? documentOf(text)).content;
  const open = (block: Node | null) => (block?.type.name === "paragraph" ? 1 : 0);
  return new Slice(blocks, open(blocks.firstChild), open(blocks.lastChild));
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
