import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import { expectAccessible, openPage, picture, programs, signIn } from "./programs";

// The audit log against the real server: `npm run build` first.

const { demo } = programs();

/** Types what one looks for into the palette. */
async function find(page: Page, what: string) {
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: /^Go to/ })).toBeFocused();
  await page.keyboard.type(what);
}

async function openLog(page: Page) {
  await find(page, "Audit log");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Audit log" })).toBeVisible();
}

const entries = (page: Page) => page.getByRole("region", { name: "Audit log" }).getByRole("listitem");

test("what an administrator changes stands in the log of another at once, can be found, verified and saved", async ({
  browser,
}) => {
  const [, address] = await demo("127.0.0.1:0");
  const tove = await openPage(browser, address);
  const second = await openPage(browser, address, { colorScheme: "dark" });
  await signIn(tove, "tove");
  await signIn(second, "idris");
  await openLog(second);
  await expect(entries(second).filter({ hasText: "got an account" }).first()).toBeVisible();

  await find(tove, "Agent features");
  await tove.keyboard.press("Enter");
  await tove.getByRole("radio", { name: /Superiors only/ }).check();
  await tove.getByRole("button", { name: "Save" }).click();
  await expect(entries(second).first()).toContainText("What holds for everybody");
  await expect(entries(second).first()).toContainText("Superiors only");
  await expectAccessible(second);
  await picture(second, "audit-dark");

  await openLog(tove);
  await expectAccessible(tove);
  await picture(tove, "audit");
  await tove.getByRole("searchbox", { name: "Search names and values" }).fill("superiors");
  await expect(entries(tove)).toHaveCount(1);
  await tove.getByRole("searchbox", { name: "Search names and values" }).fill("no such words at all");
  await expect(tove.getByRole("status").getByText("Nothing found")).toBeVisible();
  await tove.keyboard.press("Escape");
  await tove.getByLabel("By whom").selectOption({ label: "Server's command line" });
  await expect(entries(tove).first()).toContainText("Server's command line");

  await tove.getByRole("button", { name: "Check the chain" }).click();
  await expect(tove.getByText(/^Whole: \d+ entries$/)).toBeVisible();
  await tove.getByLabel("By whom").selectOption({ label: "By anybody" });
  const saving = tove.waitForEvent("download");
  await tove.getByRole("button", { name: "Export" }).click();
  const table = await readFile(await (await saving).path(), "utf8");
  expect(table.split("\r\n").length).toBeGreaterThan(20);
  expect(table).toContain("organisation.update");

  await tove.setViewportSize({ width: 390, height: 844 });
  await picture(tove, "audit-phone");
  await expectAccessible(tove);
});

test("nobody else finds the log", async ({ browser }) => {
  const [, address] = await demo("127.0.0.1:0", "others");
  const mira = await openPage(browser, address);
  await signIn(mira, "mira");
  await find(mira, "Audit log");
  await expect(mira.getByRole("option", { name: /Audit/ })).toHaveCount(0);
});
