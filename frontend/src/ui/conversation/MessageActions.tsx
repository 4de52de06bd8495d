import { IconArrowBackUp, IconPencil, IconTrash, type Icon as TablerIcon } from "@tabler/icons-react";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Message } from "../../protocol";
import type { App } from "../../state/app";
import { IconButton } from "../base/parts";
import { useApp } from "../context";
import { EmojiButton } from "../emoji/EmojiButton";
import c from "./amend.module.css";

/** What one may do with a message: by its button, or by its key while the message has the focus. */
interface Action {
  name: "reply" | "change" | "delete";
  icon: TablerIcon;
  /** As KeyboardEvent.key says it, and as people read it. */
  key: string;
  shown: string;
  run: (app: App, message: Message) => void;
}

/** The key that opens the reactions of a message. */
const REACT = "+";

const reply: Action = {
  name: "reply",
  icon: IconArrowBackUp,
  key: "r",
  shown: "R",
  run: (app, message) => {
    app.amend.quote(message);
    requestAnimationFrame(focusComposer);
  },
};
const change: Action = {
  name: "change",
  icon: IconPencil,
  key: "e",
  shown: "E",
  run: (app, message) => app.amend.begin(message),
};
const remove: Action = {
  name: "delete",
  icon: IconTrash,
  key: "Delete",
  shown: "Del",
  run: (app, message) => app.showAbout("deleteMessage", message),
};

/** Goes to where one writes. */
export function focusComposer(): void {
  document.querySelector<HTMLElement>("[data-composer] :is(textarea, [role=textbox])")?.focus();
}

/** What one may do with a message; nothing with a deleted one. Taking back what one said is always possible. */
function actionsOf(message: Message, mine: boolean, mayPost: boolean): Action[] {
  if (message.deletedAt) return [];
  if (!mayPost) return mine ? [remove] : [];
  return mine ? [reply, change, remove] : [reply];
}

/** The tools at a message. */
export function MessageActions(props: { message: Message; mine: boolean; mayPost: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const [open, setOpen] = useState(false);
  const actions = actionsOf(props.message, props.mine, props.mayPost);
  if (actions.length === 0) return null;
  return (
    <div className={c.actions} role="toolbar" aria-label={t("message.actions")} data-open={open || undefined}>
      {props.mayPost && (
        <EmojiButton
          size="sm"
          iconSize={16}
          label={t("message.react")}
          hint={`${t("message.react")}  ${REACT}`}
          onOpen={setOpen}
          onPick={(emoji) => void app.react(props.message, emoji)}
        />
      )}
      {actions.map(({ name, icon, shown, run }) => (
        <IconButton
          key={name}
          icon={icon}
          iconSize={16}
          size="sm"
          mirror={name === "reply"}
          label={t(`message.${name}`)}
          hint={`${t(`message.${name}`)}  ${shown}`}
          onClick={() => run(app, props.message)}
        />
      ))}
    </div>
  );
}

/** What the keys do while a message has the focus. */
export function useMessageKeys(message: Message, mine: boolean, mayPost: boolean) {
  const app = useApp();
  return (e: KeyboardEvent<HTMLElement>) => {
    if (e.target !== e.currentTarget || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === REACT) e.currentTarget.querySelector<HTMLElement>("[data-emoji-button]")?.click();
    const action = actionsOf(message, mine, mayPost).find((a) => a.key.toLowerCase() === e.key.toLowerCase());
    if (!action) return;
    e.preventDefault();
    action.run(app, message);
  };
}

/** Moves the focus from message to message, up and down; false if there is nowhere to go. */
export function moveAmongMessages(scroller: HTMLElement, key: string): boolean {
  const all = [...scroller.querySelectorAll<HTMLElement>("[data-bubble]")];
  const at = all.indexOf(document.activeElement as HTMLElement);
  if (at < 0 && document.activeElement !== scroller) return false;
  const next = at < 0 ? all.at(-1) : all[at + (key === "ArrowUp" ? -1 : 1)];
  if (!next) return at >= 0;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}
