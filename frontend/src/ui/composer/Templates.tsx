import { Popover } from "@mantine/core";
import { IconSearch, IconTemplate } from "@tabler/icons-react";
import { type KeyboardEvent, type RefObject, useEffect, useId, useMemo, useRef, useState } from "react";
import { clock, longDay } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import type { ConversationID, Template } from "../../protocol";
import { mayKeepTemplates } from "../../state/administration";
import type { Content } from "../../state/outbox";
import { filled, proposedTemplates, templateBefore, valuesIn } from "../../state/templates";
import base from "../base/base.module.css";
import { IconButton, LinkButton } from "../base/parts";
import { useApp, useParley } from "../context";
import { PlainText, RichText } from "../conversation/RichText";
import { FileName } from "../files/FileSign";
import type { EditorHandle } from "./editor";
import c from "./templates.module.css";

/** The templates that fit what is typed, and which of them the keys would take. */
interface Choice {
  typed: string;
  templates: Template[];
  chosen: number;
}

const now = () => ({ date: longDay(Date.now()), time: clock(Date.now()) });

const stepOf = (key: string) => (key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0);

const moved = (choice: Choice, step: number): Choice => ({
  ...choice,
  chosen: (choice.chosen + step + choice.templates.length) % choice.templates.length,
});

/**
 * Proposes templates while one types after "/" at the beginning of a line or word, and puts in the one that is taken, filled in. `look`
 * is to be called whenever the words or the caret may have changed, `onKey` before any other key; it takes the key if it is about them.
 */
export function useTemplates(id: ConversationID, handle: RefObject<EditorHandle | null>, rich: boolean) {
  const app = useApp();
  const [choice, setChoice] = useState<Choice | null>(null);
  // What was put away with Escape stays away until something else is typed.
  const away = useRef<string | null>(null);

  const look = () => {
    const typed = templateBefore(handle.current?.before() ?? "");
    if (typed !== away.current) away.current = null;
    const templates =
      typed === null || away.current !== null ? [] : proposedTemplates(app.state.world, typed);
    if (typed === null || templates.length === 0) setChoice(null);
    else if (typed !== choice?.typed) setChoice({ typed, templates, chosen: 0 });
  };
  const put = (template: Template, signs: number) => {
    handle.current?.insert(signs, filled(template, valuesIn(app.state.world, id, now()), rich));
    if (template.attachments?.length) app.writing.attachOfTemplate(id, template.attachments);
    setChoice(null);
  };
  const take = (template: Template | undefined) => {
    if (choice && template) put(template, choice.typed.length);
  };
  const onKey = (e: KeyboardEvent): boolean => {
    if (!choice || e.nativeEvent.isComposing) return false;
    const step = stepOf(e.key);
    if (step !== 0) setChoice(moved(choice, step));
    else if ((e.key === "Enter" && !e.shiftKey) || e.key === "Tab") take(choice.templates[choice.chosen]);
    else if (e.key === "Escape") {
      away.current = choice.typed;
      setChoice(null);
    } else return false;
    e.preventDefault();
    e.stopPropagation();
    return true;
  };
  return { choice, look, onKey, take, put: (template: Template) => put(template, 0) };
}

/** The templates that are proposed, above what one writes. */
export function ProposedTemplates({
  id,
  rich,
  choice,
  onTake,
}: {
  id: ConversationID;
  rich: boolean;
  choice: Choice | null;
  onTake: (template: Template) => void;
}) {
  const { t } = useTranslation();
  const chosen = choice?.templates[choice.chosen];
  return (
    <>
      <span className="vh" role="status">
        {choice && chosen && t("composer.proposed", { name: chosen.name, count: choice.templates.length })}
      </span>
      {choice && (
        <div className={c.proposed}>
          <List id={id} rich={rich} templates={choice.templates} chosen={choice.chosen} onTake={onTake} />
        </div>
      )}
    </>
  );
}

/** The templates, and beside them what the chosen one would say here. */
function List({
  id,
  rich,
  templates,
  chosen,
  listId,
  onTake,
}: {
  id: ConversationID;
  rich: boolean;
  templates: Template[];
  chosen: number;
  listId?: string;
  onTake: (template: Template) => void;
}) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const shown = templates[chosen];
  // biome-ignore lint/correctness/useExhaustiveDependencies: another one is to be in sight
  useEffect(() => {
    box.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [shown]);
  return (
    <div className={c.choice}>
      <div ref={box} id={listId} className={c.list} role="listbox" aria-label={t("templates.list")}>
        {templates.map((template) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays where one types; keys choose from there
          <div
            key={template.id}
            id={listId && `${listId}-${template.id}`}
            role="option"
            aria-selected={template === shown}
            onMouseDown={(e) => {
              e.preventDefault();
              onTake(template);
            }}
          >
            <span className="cut">{template.name}</span>
            {template.shortcut && <small className="cut">/{template.shortcut}</small>}
          </div>
        ))}
      </div>
      {shown && <Filled id={id} rich={rich} template={shown} />}
    </div>
  );
}

/** What a template would say here. */
function Filled({ id, rich, template }: { id: ConversationID; rich: boolean; template: Template }) {
  const { t } = useTranslation();
  const world = useParley((s) => s.world);
  const content: Content = useMemo(
    () => filled(template, valuesIn(world, id, now()), rich),
    [template, world, id, rich],
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is longer than its place is scrolled by keys
    <section className={c.filled} aria-label={t("templates.preview", { name: template.name })} tabIndex={0}>
      {content.document ? <RichText doc={content.document} /> : <PlainText text={content.text} />}
      {template.attachments && (
        <ul className={c.files} aria-label={t("templates.files")}>
          {template.attachments.map((file) => (
            <li key={file.id}>
              <FileName name={file.name} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** A button that opens all templates above it, to be looked through by words. */
export function TemplateButton({
  id,
  rich,
  onTake,
}: {
  id: ConversationID;
  rich: boolean;
  onTake: (template: Template) => void;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="top-start" trapFocus returnFocus>
      <Popover.Target>
        <IconButton
          icon={IconTemplate}
          iconSize={18}
          label={t("templates.title")}
          hint={t("templates.hint")}
          onMouseDown={(e) => e.preventDefault()}
          onClick={() => setOpen(!open)}
        />
      </Popover.Target>
      <Popover.Dropdown aria-label={t("templates.title")}>
        <Chooser
          id={id}
          rich={rich}
          onTake={(template) => {
            setOpen(false);
            onTake(template);
          }}
          onLeave={() => setOpen(false)}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function Chooser({
  id,
  rich,
  onTake,
  onLeave,
}: {
  id: ConversationID;
  rich: boolean;
  onTake: (template: Template) => void;
  onLeave: () => void;
}) {
  const { t } = useTranslation();
  const app = useApp();
  const listId = useId();
  const world = useParley((s) => s.world);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const templates = useMemo(() => proposedTemplates(world, typed), [world, typed]);
  const chosen = Math.min(at, Math.max(0, templates.length - 1));
  if (Object.keys(world.templates).length === 0) {
    return (
      <div className={c.none} role="status">
        <p>{t("templates.noneYet")}</p>
        {mayKeepTemplates(world) ? (
          <LinkButton
            data-autofocus
            onClick={() => {
              onLeave();
              app.open({ page: "admin", adminPage: "templates" });
            }}
          >
            {t("templates.make")}
          </LinkButton>
        ) : (
          <p>{t("templates.noneText")}</p>
        )}
      </div>
    );
  }
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.nativeEvent.isComposing) return;
    const step = stepOf(e.key);
    if (step !== 0 && templates.length > 0) setAt((chosen + step + templates.length) % templates.length);
    else if (e.key === "Enter" && templates[chosen]) onTake(templates[chosen]);
    else return;
    e.preventDefault();
  };
  return (
    <div className={c.chooser}>
      <div className={base.field}>
        <IconSearch size={16} stroke={1.7} aria-hidden />
        <input
          data-autofocus
          role="combobox"
          aria-expanded={templates.length > 0}
          aria-controls={listId}
          aria-activedescendant={templates[chosen] && `${listId}-${templates[chosen].id}`}
          aria-label={t("templates.search")}
          placeholder={t("templates.search")}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(e) => {
            setTyped(e.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <span className="vh" role="status">
        {templates[chosen]
          ? t("composer.proposed", { name: templates[chosen].name, count: templates.length })
          : t("templates.noMatch", { query: typed })}
      </span>
      {templates.length > 0 ? (
        <List id={id} rich={rich} templates={templates} chosen={chosen} listId={listId} onTake={onTake} />
      ) : (
        <p className={c.none}>{t("templates.noMatch", { query: typed })}</p>
      )}
    </div>
  );
}
