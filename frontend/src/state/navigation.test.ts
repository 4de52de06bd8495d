import { expect, test } from "vitest";
import { clickTab, closeTab, conversationOf, flash, go, noPlaces, tabAfter } from "./navigation";

const at = (id?: string) => ({ page: "conversations", conversationId: id }) as const;

test("a conversation that is opened gets one tab", () => {
  const p = go(go(go(noPlaces, at("a")), at("b")), at("a"));
  expect(p.tabs).toEqual(["a", "b"]);
});

test("a second click on a tab returns to where one was", () => {
  const people = go(noPlaces, { page: "people" });
  const opened = clickTab(go(people, at("a")), "a");
  expect(opened.view).toEqual({ page: "people" });
  expect(clickTab(opened, "a").view).toEqual(at("a"));
});

test("a second click with nothing before shows the list", () => {
  const p = { ...noPlaces, view: at("a"), tabs: ["a"] };
  expect(clickTab(p, "a").view).toEqual({ page: "conversations" });
});

test("closing the shown tab shows its neighbour, then the list", () => {
  let p = go(go(go(noPlaces, at("a")), at("b")), at("c"));
  p = closeTab(p, "c");
  expect(conversationOf(p.view)).toBe("b");
  p = closeTab(closeTab(p, "a"), "b");
  expect(p.view).toEqual({ page: "conversations" });
  expect(p.tabs).toEqual([]);
});

test("a new message makes a tab appear and flash until it is looked at", () => {
  let p = flash(go(noPlaces, at("a")), "b");
  expect(p.tabs).toEqual(["a", "b"]);
  expect(p.flashing).toEqual(["b"]);
  p = clickTab(p, "b");
  expect(p.flashing).toEqual([]);
});

test("cycling goes round both ways, and begins outside of the tabs", () => {
  const p = go(go(noPlaces, at("a")), at("b"));
  expect(tabAfter(p, 1)).toBe("a");
  expect(tabAfter(p, -1)).toBe("a");
  const outside = go(p, { page: "people" });
  expect(tabAfter(outside, 1)).toBe("a");
  expect(tabAfter(outside, -1)).toBe("b");
  expect(tabAfter(noPlaces, 1)).toBeNull();
});
