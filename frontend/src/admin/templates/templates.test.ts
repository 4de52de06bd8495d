import { expect, test } from "vitest";
import { emptyTemplate, forEditor, formOf, fromEditor, templateOf, wrongIn } from "./templates";

const record = {
  template: {
    id: "1",
    name: "Greeting",
    text: "Good day, {{otherName}}!",
    document: {
      type: "doc" as const,
      content: [
        {
          type: "paragraph" as const,
          content: [
            { type: "text" as const, text: "Good day, " },
            { type: "text" as const, text: "{{otherName}}", marks: [{ type: "bold" as const }] },
            { type: "text" as const, text: "!" },
          ],
        },
      ],
    },
    attachments: [{ id: "f", name: "terms.pdf", size: 1, type: "application/pdf", sha256: "" }],
  },
  teamIds: ["t"],
  queueIds: ["q"],
  revision: 3,
};

test("what is not changed is saved as it was, with new files after the old", () => {
  expect(templateOf(formOf(record), ["g"])).toEqual({
    name: "Greeting",
    shortcut: "",
    document: record.template.document,
    fileIds: ["f", "g"],
    teamIds: ["t"],
    queueIds: ["q"],
  });
  expect(templateOf({ ...formOf(record), everybody: true }, []).teamIds).toEqual([]);
});

test("in the editor a placeholder is a node with its marks, and words again when it leaves", () => {
  const shown = forEditor(record.template);
  expect(shown.content?.[0]?.content?.[1]).toEqual({
    type: "placeholder",
    attrs: { name: "otherName" },
    marks: [{ type: "bold" }],
  });
  expect(fromEditor(shown)).toEqual({ text: record.template.text, document: record.template.document });
  expect(fromEditor(forEditor({ text: "At {{time}}, {{nobody}}" }))).toEqual({
    text: "At {{time}}, {{nobody}}",
  });
});

const body = (text: string) => JSON.stringify({ text });
test.each([
  [{}, 0, "name"],
  [{ name: "x" }, 0, "empty"],
  [{ name: "x" }, 1, undefined],
  [{ name: "x", body: body("hello"), shortcut: "two words" }, 0, "shortcut"],
  [{ name: "x", body: body("é".repeat(4000)) }, 0, undefined],
  [{ name: "x", body: body("é".repeat(4001)) }, 0, "tooLong"],
  [{ name: "x", body: body("{{customer}}") }, 0, "unknown"],
  [{ name: "x", body: body("hello"), everybody: false }, 0, "scope"],
  [{ name: "x", body: body("hello"), everybody: false, scope: ["team.t"] }, 0, undefined],
])("what is wrong in %o with %d files", (part, files, wrong) => {
  expect(wrongIn({ ...emptyTemplate, ...part }, files)).toBe(wrong);
});
