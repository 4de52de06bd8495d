import { expect, test } from "vitest";
import type { Template, User } from "../protocol";
import { apply } from "./apply";
import {
  filesOfTemplates,
  filled,
  proposedTemplates,
  templateBefore,
  unknownPlaceholder,
  type Values,
  valuesIn,
} from "./templates";
import { directId, emptyWorld, type World } from "./world";

const user = (id: string, displayName: string): User => ({
  id,
  displayName,
  role: "agent",
  title: "",
  teamIds: [],
  active: true,
});
const template = (id: string, name: string, text: string, more: Partial<Template> = {}): Template => ({
  id,
  name,
  text,
  ...more,
});
const world = {
  ...emptyWorld,
  me: { user: user("a", "Ana Castillo Ruiz") },
  people: { b: user("b", "Liam Draycote") },
  organisation: { name: "Maison Tatin" },
  templates: {
    1: template("1", "Greeting", "Good day, {{otherName}}", { shortcut: "hi" }),
    2: template("2", "High shelves", "They are out of stock."),
    3: template("3", "Farewell", "Until next time; hints of our shop"),
  },
} as unknown as World;
const values: Values = valuesIn(world, directId("a", "b"), { date: "21 November 2026", time: "10:12" });

test("placeholders stand for what is true in the conversation", () => {
  expect(values).toEqual({
    otherName: "Liam Draycote",
    otherFirstName: "Liam",
    myName: "Ana Castillo Ruiz",
    myFirstName: "Ana",
    organisation: "Maison Tatin",
    date: "21 November 2026",
    time: "10:12",
  });
});

test("a template is filled in, in its formatting too; who writes plain text gets the words alone", () => {
  const t = template("4", "Dear", "Dear {{otherFirstName}}, it is {{time}}. {{ }}", {
    document: {
      type: "doc",
      content: [
        {
          type: "paragraph",
          content: [
            { type: "text", text: "Dear " },
            { type: "text", text: "{{otherFirstName}}", marks: [{ type: "bold" }] },
            { type: "text", text: ", it is {{time}}. {{ }}" },
          ],
        },
      ],
    },
  });
  const text = "Dear Liam, it is 10:12. {{ }}";
  expect(filled(t, values, false)).toEqual({ text });
  const rich = filled(t, values, true);
  expect(rich.text).toBe(text);
  expect(rich.document?.content?.[0]?.content?.map((n) => n.text)).toEqual([
    "Dear ",
    "Liam",
    ", it is 10:12. {{ }}",
  ]);
});

test("what is filled in with nothing leaves no empty node", () => {
  const doc = template("5", "x", "{{organisation}}", {
    document: {
      type: "doc",
      content: [{ type: "paragraph", content: [{ type: "text", text: "{{organisation}}" }] }],
    },
  });
  expect(filled(doc, { ...values, organisation: "" }, true).document?.content?.[0]?.content).toEqual([]);
});

test.each([
  ["/", "/"],
  ["/gr", "/gr"],
  ["Hello /gr", "/gr"],
  ["either/or", null],
  ["https://example.com", null],
  ["/two words", null],
  ["", null],
])("what is typed before the caret: %s", (before, typed) => {
  expect(templateBefore(before)).toBe(typed);
});

test.each([
  ["/", ["Farewell", "Greeting", "High shelves"]],
  ["/hi", ["Greeting", "High shelves", "Farewell"]],
  ["/far", ["Farewell"]],
  ["/stock", ["High shelves"]],
  ["/nothing", []],
])("those that fit %s", (typed, names) => {
  expect(proposedTemplates(world, typed).map((t) => t.name)).toEqual(names);
});

test("an unknown placeholder is found by its braces", () => {
  expect(unknownPlaceholder("Dear {{otherName}}, {{customer}}")).toBe("{{customer}}");
  expect(unknownPlaceholder("{{otherName}} {x} {{\n}}")).toBeUndefined();
});

test("rights change the templates one may use: some, or all", () => {
  const names = (w: World) => Object.values(w.templates).map((t) => t.name);
  const some = apply(
    world,
    { rights: { templates: { changed: [template("2", "Shelves", "x")], gone: ["3"] } } },
    0,
  );
  expect(names(some)).toEqual(["Greeting", "Shelves"]);
  const all = apply(
    some,
    { rights: { templates: { whole: true, changed: [template("9", "New", "x")] } } },
    0,
  );
  expect(names(all)).toEqual(["New"]);
  expect(apply(all, { rights: { start: {} } }, 0).templates).toBe(all.templates);
});

test("files of a template that is gone are none any more", () => {
  const file = { id: "f", name: "terms.pdf", size: 1, type: "application/pdf", sha256: "" };
  const w = { ...world, templates: { 1: template("1", "x", "x", { attachments: [file] }) } };
  expect(filesOfTemplates(w, ["f", "g"])).toEqual([file]);
});
