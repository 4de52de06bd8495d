import type { Attachment, ConversationID, DocumentNode, FileID, Placeholder, Template } from "../protocol";
import { PLACEHOLDERS } from "../protocol";
import type { Content } from "./outbox";
import { faceOf } from "./rooms";
import { matches } from "./select";
import type { World } from "./world";

// Ready answers: which fit what is typed, and what they say once their placeholders are filled in. On the wire a placeholder is words
// of the text, "{{otherName}}"; a message never has one.

const any = /\{\{([^{}\n]*)\}\}/g;

/** What stands between two pairs of braces in a text and is no placeholder; undefined if there is nothing such. */
export function unknownPlaceholder(text: string): string | undefined {
  for (const [all, name] of text.matchAll(any)) {
    if (!PLACEHOLDERS.includes(name as Placeholder)) return all;
  }
  return undefined;
}

/** What each placeholder stands for in a conversation, now. */
export type Values = Readonly<Record<Placeholder, string>>;

/** @param now the moment, as people write it. */
export function valuesIn(world: World, id: ConversationID, now: { date: string; time: string }): Values {
  const other = faceOf(world, id)?.name ?? "";
  const me = world.me?.user.displayName ?? "";
  const room = world.talks[id]?.conversation.kind === "room";
  return {
    otherName: other,
    // A room has no first name.
    otherFirstName: room ? other : first(other),
    myName: me,
    myFirstName: first(me),
    organisation: world.organisation?.name ?? "",
    ...now,
  };
}

const first = (name: string) => name.split(/\s+/)[0] ?? name;

/** What a template says with its placeholders filled in; who writes plain text gets the words alone. */
export function filled(template: Template, values: Values, rich: boolean): Content {
  const fill = (text: string) =>
    text.replace(any, (all, name) => (name in values ? values[name as Placeholder] : all));
  const text = fill(template.text);
  return rich && template.document ? { text, document: inNodes(template.document, fill) } : { text };
}

function inNodes(node: DocumentNode, fill: (text: string) => string): DocumentNode {
  return {
    ...node,
    ...(node.text ? { text: fill(node.text) } : {}),
    ...(node.content ? { content: node.content.flatMap((c) => nonEmpty(inNodes(c, fill))) } : {}),
  };
}

/** A text of nothing is no node. */
const nonEmpty = (node: DocumentNode) => (node.type === "text" && !node.text ? [] : [node]);

/** What is typed to look for a template just before the caret, "/" included; null if it is none. */
export function templateBefore(before: string): string | null {
  return /(?:^|\s)(\/[^\s/]{0,30})$/u.exec(before)?.[1] ?? null;
}

/** The templates that fit what is typed, those first whose shortcut or name begins with it. */
export function proposedTemplates(world: World, typed: string): Template[] {
  const query = typed.replace(/^\//, "").toLowerCase();
  const rank = (t: Template) => {
    const shortcut = t.shortcut?.toLowerCase() ?? "";
    if (query && shortcut === query) return 0;
    if (query && shortcut.startsWith(query)) return 1;
    return t.name.toLowerCase().startsWith(query) ? 2 : 3;
  };
  return Object.values(world.templates)
    .filter((t) => matches(query, t.name, t.shortcut ?? "", t.text))
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
}

/** The files of these ids that templates have which one may use still. */
export function filesOfTemplates(world: World, ids: readonly FileID[]): Attachment[] {
  if (ids.length === 0) return [];
  const all = Object.values(world.templates).flatMap((t) => t.attachments ?? []);
  return ids.flatMap((id) => all.find((a) => a.id === id) ?? []);
}
