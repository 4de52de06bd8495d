import { describe, expect, test } from "vitest";
import { takenDocuments } from "../../test/examples";
import { cleanDocument, contentOf, documentOf, lengthOf, plainText } from "./document";

describe("the plain text of a document is the hub's", () => {
  test.each(takenDocuments)("$name", ({ document, text }) => expect(plainText(document)).toBe(text));
});

describe("what is sent is what the hub keeps", () => {
  test.each(takenDocuments)("$name", ({ document, canonical }) =>
    expect(cleanDocument(document)).toEqual([canonical ?? document]),
  );
});

test("what is not allowed gives way to its text, attributes go", () => {
  const editor = {
    type: "doc",
    content: [
      {
        type: "heading",
        attrs: { level: 1 },
        content: [{ type: "paragraph", content: [{ type: "text", text: "A" }] }],
      },
      {
        type: "paragraph",
        attrs: { style: "x" },
        content: [
          { type: "image", attrs: { src: "http://x.example" } },
          { type: "text", text: "B", marks: [{ type: "underline" }, { type: "bold" }] },
          { type: "text", text: "C", marks: [{ type: "link", attrs: { href: "javascript:alert(1)" } }] },
          {
            type: "text",
            text: "D",
            marks: [{ type: "link", attrs: { href: "https://d.example/", target: "_blank" } }],
          },
        ],
      },
    ],
  };
  expect(cleanDocument(editor)).toEqual([
    {
      type: "doc",
      content: [
        { type: "paragraph", content: [{ type: "text", text: "A" }] },
        {
          type: "paragraph",
          content: [
            { type: "text", text: "B", marks: [{ type: "bold" }] },
            { type: "text", text: "C" },
            { type: "text", text: "D", marks: [{ type: "link", attrs: { href: "https://d.example/" } }] },
          ],
        },
      ],
    },
  ]);
});

test("without formatting it is plain text, with empty lines at the ends gone", () => {
  expect(contentOf(documentOf("\none\n\ntwo\n\n"))).toEqual({ text: "one\n\ntwo" });
  expect(contentOf(documentOf(""))).toEqual({ text: "" });
  const item = { type: "listItem", content: [{ type: "paragraph" }] };
  expect(contentOf({ type: "doc", content: [{ type: "bulletList", content: [item] }] })).toEqual({
    text: "",
  });
});

test("formatting is kept as a document beside its text", () => {
  const doc = {
    type: "doc",
    content: [{ type: "paragraph", content: [{ type: "text", text: "yes", marks: [{ type: "bold" }] }] }],
  };
  expect(contentOf(doc)).toEqual({ text: "yes", document: doc });
});

test("length counts characters, not units", () => {
  expect(lengthOf("a😀é")).toBe(3);
});
