// A template as it is edited, apart from how it is drawn.
import type { DocumentNode, FileID, TemplateContent, TemplateRecord } from "../../protocol";
import { MAX_SHORTCUT_LENGTH, MAX_TEMPLATE_LENGTH, PLACEHOLDERS } from "../../protocol";
import { contentOf, documentOf, type EditorNode, lengthOf } from "../../state/document";
import type { Content } from "../../state/outbox";
import { unknownPlaceholder } from "../../state/templates";

/** What is edited of a template. */
export interface TemplateForm {
  name: string;
  shortcut: string;
  /** Its words, as JSON of a Content: told apart as a whole. */
  body: string;
  /** The files it has already. */
  files: FileID[];
  /** For everybody, or for those that `scope` names. */
  everybody: boolean;
  /** Teams as "team.ID", queues as "queue.ID". */
  scope: string[];
}

const bodyOf = ({ text, document }: Content): string =>
  JSON.stringify({ text, ...(document && { document }) });

/** What the words are that a form holds. */
export const wordsOf = (form: TemplateForm): Content => JSON.parse(form.body) as Content;

export const emptyTemplate: TemplateForm = {
  name: "",
  shortcut: "",
  body: bodyOf({ text: "" }),
  files: [],
  everybody: true,
  scope: [],
};

export function formOf({ template, teamIds, queueIds }: TemplateRecord): TemplateForm {
  return {
    name: template.name,
    shortcut: template.shortcut ?? "",
    body: bodyOf(template),
    files: (template.attachments ?? []).map((f) => f.id),
    everybody: teamIds.length + queueIds.length === 0,
    scope: [...teamIds.map((id) => `team.${id}`), ...queueIds.map((id) => `queue.${id}`)],
  };
}

/** What is saved of a form, with the files that were sent for it. */
export function templateOf(form: TemplateForm, sent: FileID[]): TemplateContent {
  const { text, document } = wordsOf(form);
  const ids = (kind: string) =>
    form.everybody ? [] : form.scope.filter((id) => id.startsWith(kind)).map((id) => id.slice(kind.length));
  return {
    name: form.name,
    shortcut: form.shortcut,
    ...(document ? { document } : { text }),
    fileIds: [...form.files, ...sent],
    teamIds: ids("team."),
    queueIds: ids("queue."),
  };
}

/** Why a form cannot be saved; the first reason in the order of the fields. */
export type Wrong = "name" | "shortcut" | "empty" | "tooLong" | "unknown" | "scope";

/** @param files how many it would have. */
export function wrongIn(form: TemplateForm, files: number): Wrong | undefined {
  const { text } = wordsOf(form);
  if (!form.name.trim()) return "name";
  if (lengthOf(form.shortcut) > MAX_SHORTCUT_LENGTH || /\s/.test(form.shortcut.trim())) return "shortcut";
  if (!text.trim() && files === 0) return "empty";
  if (lengthOf(text.trim()) > MAX_TEMPLATE_LENGTH) return "tooLong";
  if (unknownPlaceholder(text)) return "unknown";
  return !form.everybody && form.scope.length === 0 ? "scope" : undefined;
}

/** The type of the node that a placeholder is in the editor. On the wire it is words of the text. */
export const PLACEHOLDER_NODE = "placeholder";

const known = new RegExp(`\\{\\{(${PLACEHOLDERS.join("|")})\\}\\}`);

/** A document for the editor, in which each placeholder is a node of its own. */
export function forEditor({ text, document }: Content): EditorNode {
  return withNodes(document ?? documentOf(text));
}

function withNodes(node: DocumentNode): EditorNode {
  return node.content ? { ...node, content: node.content.flatMap(parted) } : node;
}

function parted(node: DocumentNode): EditorNode[] {
  if (node.type !== "text") return [withNodes(node)];
  // Of what split gives, each second one is what stood in braces.
  return (node.text ?? "").split(known).flatMap<EditorNode>((part, i) => {
    if (i % 2 === 1) return [{ type: PLACEHOLDER_NODE, attrs: { name: part }, marks: node.marks }];
    return part ? [{ ...node, text: part }] : [];
  });
}

/** What stands in the editor, with placeholders as words. */
export function fromEditor(doc: EditorNode): Content {
  return contentOf(withWords(doc));
}

function withWords(node: EditorNode): EditorNode {
  if (node.type === PLACEHOLDER_NODE)
    return { type: "text", text: `{{${String(node.attrs?.name)}}}`, marks: node.marks };
  return node.content ? { ...node, content: node.content.map(withWords) } : node;
}

/** How a placeholder is found while it is typed. */
export const typedPlaceholder = new RegExp(`${known.source}$`);
