import { describe, expect, test } from "vitest";
import examples from "../../../backend/chat/testdata/links.json";
import { linkFromInput, linkTarget, safeLink } from "./links";

describe("safeLink", () => {
  test.each(["https://a.example/x(1)", "http://a.example", "mailto:a@b.example", "tel:+49123"])(
    "opens %s",
    (raw) => expect(safeLink(raw)).not.toBeNull(),
  );

  test.each([
    "javascript:alert(1)",
    "JaVaScript:alert(1)",
    " data:text/html,x",
    "file:///etc/passwd",
    "smb://host/share",
    "ms-msdt:/id",
    "search-ms:query=x",
    "ssh://host",
    "/relative",
    "https://",
    "https://bank.example@evil.example/",
  ])("refuses %s", (raw) => expect(safeLink(raw)).toBeNull());
});

describe("safeLink, as the desktop does it", () => {
  test.each(examples.map(({ href, opened }) => [href, opened || null]))("%s becomes %s", (href, opened) => {
    expect(safeLink(href as string)).toBe(opened);
    if (opened) expect(safeLink(opened)).toBe(opened);
  });
});

test("the target shown is the true host", () => {
  expect(linkTarget("https://xn--80ak6aa92e.example:8443/login")).toBe("xn--80ak6aa92e.example:8443");
  expect(linkTarget("mailto:a@b.example")).toBe("mailto:a@b.example");
});

describe("linkFromInput", () => {
  test.each([
    ["parley.example/x", "https://parley.example/x"],
    ["host.example:8080/x", "https://host.example:8080/x"],
    ["ana@parley.example", "mailto:ana@parley.example"],
    ["http://a.example/", "http://a.example/"],
  ])("%s becomes %s", (typed, href) => expect(linkFromInput(typed)).toBe(href));

  test.each(["", "two words", "javascript:alert(1)", "smb://x"])("refuses %j", (typed) =>
    expect(linkFromInput(typed)).toBeNull(),
  );
});
