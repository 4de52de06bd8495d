import { Popover } from "@mantine/core";
import {
  IconBlockquote,
  IconBold,
  IconCode,
  IconItalic,
  IconLink,
  IconList,
  IconListNumbers,
  IconStrikethrough,
  type Icon as TablerIcon,
} from "@tabler/icons-react";
import type { Editor } from "@tiptap/core";
import { useEditorState } from "@tiptap/react";
import { useEffect, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { linkFromInput } from "../../shell/links";
import base from "../base/base.module.css";
import { Button, IconButton } from "../base/parts";
import { modKey } from "../keys";
import c from "./composer.module.css";

type Format = "bold" | "italic" | "strike" | "code" | "bullet" | "ordered" | "quote";

const tools: { format: Format; icon: TablerIcon; keys: string; node: string; run: (e: Editor) => boolean }[] =
  [
    {
      format: "bold",
      icon: IconBold,
      keys: "B",
      node: "bold",
      run: (e) => e.chain().focus().toggleBold().run(),
    },
    {
      format: "italic",
      icon: IconItalic,
      keys: "I",
      node: "italic",
      run: (e) => e.chain().focus().toggleItalic().run(),
    },
    {
      format: "strike",
      icon: IconStrikethrough,
      keys: "Shift S",
      node: "strike",
      run: (e) => e.chain().focus().toggleStrike().run(),
    },
    {
      format: "code",
      icon: IconCode,
      keys: "E",
      node: "code",
      run: (e) => e.chain().focus().toggleCode().run(),
    },
    {
      format: "bullet",
      icon: IconList,
      keys: "Shift 8",
      node: "bulletList",
      run: (e) => e.chain().focus().toggleBulletList().run(),
    },
    {
      format: "ordered",
      icon: IconListNumbers,
      keys: "Shift 7",
      node: "orderedList",
      run: (e) => e.chain().focus().toggleOrderedList().run(),
    },
    {
      format: "quote",
      icon: IconBlockquote,
      keys: "Shift B",
      node: "blockquote",
      run: (e) => e.chain().focus().toggleBlockquote().run(),
    },
  ];

/** The formatting one's role allows. Each button says its shortcut on hover. */
export function Toolbar({ editor }: { editor: Editor }) {
  const { t } = useTranslation();
  const active = useEditorState({
    editor,
    selector: ({ editor }) =>
      Object.fromEntries(tools.map((tool) => [tool.format, editor.isActive(tool.node)])),
  });
  return (
    <div role="toolbar" aria-label={t("composer.format")} style={{ display: "flex", alignItems: "center" }}>
      {tools.map(({ format, icon, keys, run }) => (
        <span key={format} style={{ display: "contents" }}>
          {format === "bullet" && <span className={c.gap} />}
          <IconButton
            icon={icon}
            iconSize={17}
            label={t(`composer.${format}`)}
            hint={`${t(`composer.${format}`)}  ${modKey} ${keys}`}
            aria-pressed={active[format] ?? false}
            // The editor keeps its selection.
            onMouseDown={(e) => e.preventDefault()}
            onClick={() => run(editor)}
          />
        </span>
      ))}
      <LinkButton editor={editor} />
    </div>
  );
}

function LinkButton({ editor }: { editor: Editor }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [address, setAddress] = useState("");
  const [invalid, setInvalid] = useState(false);
  const linked = useEditorState({ editor, selector: ({ editor }) => editor.isActive("link") });

  const begin = () => {
    setAddress((editor.getAttributes("link").href as string | undefined) ?? "");
    setInvalid(false);
    setOpen(true);
  };
  const finish = () => {
    setOpen(false);
    editor.commands.focus();
  };
  const apply = () => {
    const href = linkFromInput(address);
    if (!href) {
      setInvalid(true);
      return;
    }
    const chain = editor.chain().focus().extendMarkRange("link");
    // With nothing chosen the address itself becomes the text.
    if (editor.state.selection.empty && !linked) {
      chain
        .insertContent({ type: "text", text: address.trim(), marks: [{ type: "link", attrs: { href } }] })
        .run();
    } else {
      chain.setLink({ href }).run();
    }
    setOpen(false);
  };

  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (!editor.isFocused || !(e.ctrlKey || e.metaKey) || !e.shiftKey || e.key.toLowerCase() !== "u")
        return;
      e.preventDefault();
      begin();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });

  return (
    <Popover opened={open} onChange={setOpen} position="top" trapFocus>
      <Popover.Target>
        <IconButton
          icon={IconLink}
          iconSize={17}
          label={t("composer.link")}
          hint={`${t("composer.link")}  ${modKey} Shift U`}
          aria-pressed={linked}
          onMouseDown={(e) => e.preventDefault()}
          onClick={() => (open ? finish() : begin())}
        />
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className={c.linkForm}
          onSubmit={(e) => {
            e.preventDefault();
            apply();
          }}
        >
          <div>
            <div className={base.field} data-outlined data-invalid={invalid || undefined}>
              <input
                data-autofocus
                aria-label={t("composer.linkAddress")}
                aria-invalid={invalid}
                placeholder={t("composer.linkPlaceholder")}
                value={address}
                onChange={(e) => {
                  setAddress(e.currentTarget.value);
                  setInvalid(false);
                }}
              />
            </div>
            {invalid && <small role="alert">{t("composer.linkInvalid")}</small>}
          </div>
          {linked && (
            <Button
              onClick={() => {
                editor.chain().focus().extendMarkRange("link").unsetLink().run();
                setOpen(false);
              }}
            >
              {t("composer.linkRemove")}
            </Button>
          )}
          <Button kind="primary" type="submit">
            {t("composer.linkApply")}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
