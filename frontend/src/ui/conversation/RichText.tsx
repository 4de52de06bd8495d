import { createContext, Fragment, type ReactNode, useContext } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { DocumentNode, Mark } from "../../protocol";
import { linkTarget, safeLink } from "../../shell/links";
import { useApp } from "../context";
import c from "./richtext.module.css";

/**
 * Draws a rich document as elements. Only the allow-list is drawn as what it is; of anything else its text remains.
 * Nothing is ever read as HTML. `tail` goes to the end of the last line, where there is one.
 */
export function RichText({ doc, tail }: { doc: DocumentNode; tail?: ReactNode }) {
  const blocks = doc.content ?? [];
  const last = blocks.at(-1);
  const inLine = last?.type === "paragraph";
  return (
    <div className={c.rich}>
      {blocks.map((node, i) => (
        // Documents never change, so a place is a key.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Block key={i} node={node} tail={inLine && i === blocks.length - 1 ? tail : undefined} />
      ))}
      {!inLine && tail}
    </div>
  );
}

/** Plain text with its web addresses as links. */
export function PlainText({ text, tail }: { text: string; tail?: ReactNode }) {
  return (
    <div className={c.plain}>
      <Words text={text} />
      {tail}
    </div>
  );
}

function Block({ node, tail }: { node: DocumentNode; tail?: ReactNode }) {
  const children = node.content ?? [];
  const inside = children.map((child, i) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: documents never change
    isInline(child) ? <Inline key={i} node={child} /> : <Block key={i} node={child} />,
  );
  switch (node.type) {
    case "paragraph":
      return (
        <p>
          {inside.length ? inside : <br />}
          {tail}
        </p>
      );
    case "blockquote":
      return <blockquote>{inside}</blockquote>;
    case "codeBlock":
      return (
        <pre>
          <code>{inside}</code>
        </pre>
      );
    case "bulletList":
      return <ul>{inside}</ul>;
    case "orderedList":
      return <ol>{inside}</ol>;
    case "listItem":
      return <li>{inside}</li>;
    default:
      return <p>{node.text ?? inside}</p>;
  }
}

function isInline(node: DocumentNode): boolean {
  return node.type === "text" || node.type === "hardBreak";
}

function Inline({ node }: { node: DocumentNode }) {
  if (node.type === "hardBreak") return <br />;
  // The hub has checked the form; a page must not fall over whatever comes.
  const text = typeof node.text === "string" ? node.text : "";
  const linked = node.marks?.some((m) => m.type === "link" || m.type === "code");
  return (node.marks ?? []).reduce<ReactNode>(marked, linked ? text : <Words text={text} />);
}

function marked(inner: ReactNode, mark: Mark): ReactNode {
  switch (mark.type) {
    case "bold":
      return <strong>{inner}</strong>;
    case "italic":
      return <em>{inner}</em>;
    case "strike":
      return <s>{inner}</s>;
    case "code":
      return <code>{inner}</code>;
    case "link":
      return <SafeLink href={mark.attrs?.href ?? ""}>{inner}</SafeLink>;
    default:
      return inner;
  }
}

/** A link that shows where it truly leads and opens through the shell only. */
function SafeLink({ href, children }: { href: string; children: ReactNode }) {
  const { t } = useTranslation();
  const app = useApp();
  const safe = safeLink(href);
  if (!safe) {
    return (
      <span className={c.blocked} data-hint={t("message.linkBlocked", { host: href.slice(0, 80) })}>
        {children}
      </span>
    );
  }
  return (
    <a
      href={safe}
      data-hint={t("message.linkTo", { host: linkTarget(safe) })}
      rel="noopener noreferrer"
      onClick={(e) => {
        e.preventDefault();
        app.shell.openLink(safe);
      }}
      // The middle button would open a window past the shell.
      onAuxClick={(e) => e.preventDefault()}
      draggable={false}
    >
      {children}
    </a>
  );
}

const address = /\bhttps?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'’”]/g;

/** Whom the message mentions that is drawn, by name, and whether that is the reader. */
export const Mentioned = createContext<readonly { name: string; me: boolean }[]>([]);

/** Makes the web addresses in a text links and marks the names of who is mentioned; the text itself stays as it is. */
function Words({ text }: { text: string }): ReactNode {
  return marking(text, useContext(Mentioned));
}

function marking(text: string, names: readonly { name: string; me: boolean }[]): ReactNode {
  for (const { name, me } of names) {
    const at = text.indexOf(`@${name}`);
    if (at < 0) continue;
    const end = at + name.length + 1;
    return (
      <>
        {marking(text.slice(0, at), names)}
        <span className={c.mention} data-me={me || undefined}>
          {text.slice(at, end)}
        </span>
        {marking(text.slice(end), names)}
      </>
    );
  }
  return linkify(text);
}

/** Makes the web addresses in a text links; the text itself stays as it is. */
function linkify(text: string): ReactNode {
  const parts: ReactNode[] = [];
  let done = 0;
  for (const found of text.matchAll(address)) {
    if (found.index > done) parts.push(text.slice(done, found.index));
    parts.push(
      <SafeLink key={found.index} href={found[0]}>
        {found[0]}
      </SafeLink>,
    );
    done = found.index + found[0].length;
  }
  if (done === 0) return text;
  if (done < text.length) parts.push(text.slice(done));
  return <Fragment>{parts}</Fragment>;
}

/** The first web addresses of a document or text, for the list of shared links. */
export function linksIn(text: string, doc: DocumentNode | undefined): string[] {
  const found = doc ? hrefs(doc) : [];
  for (const match of text.matchAll(address)) found.push(match[0]);
  return found.flatMap((href) => safeLink(href) ?? []);
}

function hrefs(node: DocumentNode): string[] {
  const own = (node.marks ?? []).flatMap((m) => (m.type === "link" && m.attrs ? [m.attrs.href] : []));
  return [...own, ...(node.content ?? []).flatMap(hrefs)];
}
