import type { DocumentNode, Mark } from "../protocol";
import { safeLink } from "../shell/links";
import type { Content } from "./outbox";

const nodes: ReadonlySet<string> = new Set([
  "doc",
  "paragraph",
  "blockquote",
  "codeBlock",
  "bulletList",
  "orderedList",
  "listItem",
  "hardBreak",
  "text",
]);
const marks: ReadonlySet<string> = new Set(["bold", "italic", "strike", "code", "link"]);

interface EditorMark {
  type: string;
  attrs?: { href?: unknown };
}

/** A node as an editor gives it: any attributes, any types. */
export interface EditorNode {
  type?: string;
  text?: string;
  content?: EditorNode[];
  marks?: EditorMark[];
  attrs?: Record<string, unknown>;
}

/**
 * What an editor holds, as the wire takes it: nodes and marks of the allow-list, of attributes only a link's
 * address. A node that is not allowed gives way to its children.
 */
export function cleanDocument(node: EditorNode): DocumentNode[] {
  const content = (node.content ?? []).flatMap(cleanDocument);
  if (!node.type || !nodes.has(node.type)) return content;
  if (node.type === "text" && !node.text) return [];
  const clean: DocumentNode = { type: node.type as DocumentNode["type"] };
  if (content.length) clean.content = content;
  if (node.text) clean.text = node.text;
  const kept = (node.marks ?? []).flatMap(cleanMark);
  if (kept.length) clean.marks = kept;
  return [clean];
}

function cleanMark(mark: EditorMark): Mark[] {
  if (!marks.has(mark.type)) return [];
  if (mark.type !== "link") return [{ type: mark.type as Mark["type"] }];
  const href = typeof mark.attrs?.href === "string" ? safeLink(mark.attrs.href) : null;
  return href ? [{ type: "link", attrs: { href } }] : [];
}

/** What somebody wrote in an editor. Without any formatting it is plain text, which is smaller and everybody's. */
export function contentOf(doc: EditorNode): Content {
  const [clean] = cleanDocument(doc);
  if (!clean || !hasText(clean)) return { text: "" };
  const trimmed = trim(clean);
  const text = plainText(trimmed);
  return isPlain(trimmed) ? { text } : { text, document: trimmed };
}

/** Whether anybody wrote anything: the signs of list items are nobody's words, and the hub takes none alone. */
function hasText(n: DocumentNode): boolean {
  return !!n.text?.trim() || (n.content ?? []).some(hasText);
}

/** Empty paragraphs at both ends say nothing. */
function trim(doc: DocumentNode): DocumentNode {
  const blocks = doc.content ?? [];
  const empty = (n: DocumentNode) => n.type === "paragraph" && !n.content?.some((c) => c.type === "text");
  let from = 0;
  let to = blocks.length;
  while (from < to && empty(blocks[from] as DocumentNode)) from++;
  while (to > from && empty(blocks[to - 1] as DocumentNode)) to--;
  return { ...doc, content: blocks.slice(from, to) };
}

function isPlain(n: DocumentNode): boolean {
  if (n.marks?.length) return false;
  return ["doc", "paragraph", "text", "hardBreak"].includes(n.type) && (n.content ?? []).every(isPlain);
}

/** A document as text, as chat.DocumentNode.PlainText makes it: a line a block, list items with a sign. */
export function plainText(doc: DocumentNode): string {
  return write(doc, "").replace(/\n+$/, "");
}

function write(n: DocumentNode, indent: string): string {
  const children = n.content ?? [];
  switch (n.type) {
    case "text":
      return n.text ?? "";
    case "hardBreak":
      return `\n${indent}`;
    case "paragraph":
    case "codeBlock":
      return `${children.map((c) => write(c, indent)).join("")}\n`;
    case "bulletList":
    case "orderedList":
      return children
        .map((c, i) => `${indent}${n.type === "orderedList" ? `${i + 1}. ` : "• "}${write(c, `${indent}  `)}`)
        .join("");
    default:
      return children
        .map((c, i) => (i > 0 && indent && c.type === "paragraph" ? indent : "") + write(c, indent))
        .join("");
  }
}

/** Plain text as a document for the editor: a paragraph a line. */
export function documentOf(text: string): DocumentNode {
  return {
    type: "doc",
    content: text.split("\n").map((line) => ({
      type: "paragraph",
      ...(line ? { content: [{ type: "text", text: line }] } : {}),
    })),
  };
}

/** The length of a text as the limit counts it: in characters (code points), not UTF-16 units. */
export function lengthOf(text: string): number {
  let n = 0;
  for (const _ of text) n++;
  return n;
}
