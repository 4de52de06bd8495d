import { Menu } from "@mantine/core";
import { IconBraces } from "@tabler/icons-react";
import { InputRule, mergeAttributes, Node } from "@tiptap/core";
import { EditorContent, useEditor } from "@tiptap/react";
import { useRef } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { PLACEHOLDERS, type Placeholder } from "../../protocol";
import type { EditorNode } from "../../state/document";
import type { Content } from "../../state/outbox";
import { Button } from "../../ui/base/parts";
import composer from "../../ui/composer/composer.module.css";
import { formats } from "../../ui/composer/formats";
import { Toolbar } from "../../ui/composer/Toolbar";
import { EmojiButton } from "../../ui/emoji/EmojiButton";
import { forEditor, fromEditor, PLACEHOLDER_NODE, typedPlaceholder } from "./templates";
import c from "./templates.module.css";

/** A placeholder as one sign of the text: it is written, marked and taken away whole. */
const PlaceholderNode = Node.create<{ label: (name: string) => string }>({
  name: PLACEHOLDER_NODE,
  group: "inline",
  inline: true,
  atom: true,
  addOptions: () => ({ label: (name: string) => name }),
  addAttributes: () => ({
    name: {
      parseHTML: (element: HTMLElement) => element.dataset.placeholderName,
      renderHTML: ({ name }: { name?: string }) => ({ "data-placeholder-name": name }),
    },
  }),
  parseHTML: () => [{ tag: "span[data-placeholder-name]" }],
  renderHTML({ node, HTMLAttributes }) {
    return ["span", mergeAttributes(HTMLAttributes, { class: c.chip }), this.options.label(node.attrs.name)];
  },
  renderText: ({ node }) => `{{${node.attrs.name}}}`,
  addInputRules() {
    return [
      new InputRule({
        find: typedPlaceholder,
        handler: ({ state, range, match }) => {
          state.tr.replaceWith(range.from, range.to, this.type.create({ name: match[1] }));
        },
      }),
    ];
  },
});

/** Where a template's text is written: with the formatting agents have, and placeholders as chips. */
export function TemplateEditor({
  initial,
  invalid,
  describedBy,
  onChange,
}: {
  /** What is there first; another one needs another key. */
  initial: Content;
  invalid: boolean;
  describedBy: string;
  onChange: (content: Content) => void;
}) {
  const { t } = useTranslation();
  const latest = useRef(onChange);
  latest.current = onChange;
  const label = (name: string) => t(`templates.placeholders.${name as Placeholder}`);
  const editor = useEditor({
    shouldRerenderOnTransaction: false,
    content: forEditor(initial),
    extensions: [...formats, PlaceholderNode.configure({ label })],
    editorProps: {
      attributes: {
        role: "textbox",
        "aria-label": t("templates.fields.text"),
        "aria-multiline": "true",
        "aria-describedby": describedBy,
        dir: "auto",
      },
    },
    onUpdate: ({ editor }) => latest.current(fromEditor(editor.getJSON() as EditorNode)),
  });
  const put = (name: Placeholder) =>
    editor.chain().focus().insertContent({ type: PLACEHOLDER_NODE, attrs: { name } }).run();
  return (
    <div className={c.editor} data-invalid={invalid || undefined}>
      <div className={composer.area}>
        <EditorContent editor={editor} />
      </div>
      <div className={composer.tools}>
        <Toolbar editor={editor} />
        <EmojiButton
          iconSize={17}
          label={t("composer.emoji")}
          onPick={(emoji) => editor.chain().focus().insertContent(emoji).run()}
        />
        <Menu position="top-end" trapFocus returnFocus={false}>
          <Menu.Target>
            <Button size="sm" className={c.insert}>
              <IconBraces size={16} stroke={1.7} aria-hidden />
              {t("templates.insert")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown aria-label={t("templates.insert")}>
            {PLACEHOLDERS.map((name) => (
              <Menu.Item key={name} onClick={() => put(name)}>
                {label(name)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
    </div>
  );
}
