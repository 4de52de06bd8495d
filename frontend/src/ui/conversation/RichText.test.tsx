import { MantineProvider } from "@mantine/core";
import { act, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, describe, expect, test, vi } from "vitest";
import { refusedDocuments, takenDocuments } from "../../../test/examples";
import type { DocumentNode } from "../../protocol";
import type { App } from "../../state/app";
import { AppProvider } from "../context";
import { linksIn, PlainText, RichText } from "./RichText";

const openLink = vi.fn();
const app = { shell: { openLink } } as unknown as App;

function draw(what: ReactNode): HTMLElement {
  const host = document.body.appendChild(document.createElement("div"));
  const root = createRoot(host);
  act(() =>
    root.render(
      <MantineProvider env="test">
        <AppProvider app={app}>
          <main>{what}</main>
        </AppProvider>
      </MantineProvider>,
    ),
  );
  cleanUp.push(() => {
    act(() => root.unmount());
    host.remove();
  });
  return host.querySelector("main") as HTMLElement;
}

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const undo of cleanUp.splice(0)) undo();
  openLink.mockClear();
});

const paragraph = (...content: DocumentNode[]): DocumentNode => ({
  type: "doc",
  content: [{ type: "paragraph", content }],
});

test("marks and blocks become their elements", () => {
  const nested = takenDocuments.find((d) => d.name === "lists in a list");
  expect(
    draw(<RichText doc={nested?.document as DocumentNode} />).querySelectorAll("ol > li > ul > li"),
  ).toHaveLength(1);
  const marks = takenDocuments.find((d) => d.name === "marks");
  expect(
    draw(<RichText doc={marks?.document as DocumentNode} />).querySelector("em > strong, strong > em"),
  ).not.toBeNull();
});

describe("a document the hub would have refused does no harm", () => {
  test.each(refusedDocuments)("$name", ({ document }) => {
    const host = draw(<RichText doc={document} />);
    expect(host.querySelector("script, img, iframe, style, a")).toBeNull();
  });

  test("the text of an unknown node is still there to read", () => {
    const doc = { type: "doc", content: [{ type: "html", text: "<b>kept</b>" }] } as unknown as DocumentNode;
    const host = draw(<RichText doc={doc} />);
    expect(host.textContent).toContain("<b>kept</b>");
    expect(host.querySelector("b")).toBeNull();
  });
});

test("a link opens through the shell alone", () => {
  const doc = paragraph({
    type: "text",
    text: "here",
    marks: [{ type: "link", attrs: { href: "https://a.example/x" } }],
  });
  const link = draw(<RichText doc={doc} />).querySelector("a") as HTMLAnchorElement;
  const click = new MouseEvent("click", { bubbles: true, cancelable: true });
  act(() => void link.dispatchEvent(click));
  expect(openLink).toHaveBeenCalledWith("https://a.example/x");
  expect(click.defaultPrevented).toBe(true);
});

test("a link that may not be opened is drawn as words", () => {
  const doc = paragraph({
    type: "text",
    text: "here",
    marks: [{ type: "link", attrs: { href: "smb://host/x" } }],
  });
  const host = draw(<RichText doc={doc} />);
  expect(host.querySelector("a")).toBeNull();
  expect(host.textContent).toBe("here");
});

test("web addresses in plain text become links without the full stop after them", () => {
  const host = draw(<PlainText text="See https://a.example/b, or (http://c.example)." />);
  expect([...host.querySelectorAll("a")].map((a) => a.textContent)).toEqual([
    "https://a.example/b",
    "http://c.example",
  ]);
  expect(host.textContent).toBe("See https://a.example/b, or (http://c.example).");
});

test("shared links are found in documents and texts", () => {
  const doc = paragraph({
    type: "text",
    text: "x",
    marks: [{ type: "link", attrs: { href: "https://a.example/" } }],
  });
  expect(linksIn("x", doc)).toEqual(["https://a.example/"]);
  expect(linksIn("at http://b.example/1", undefined)).toEqual(["http://b.example/1"]);
});
