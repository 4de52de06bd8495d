import type { ChildProcess } from "node:child_process";
import { expect, type Page, test } from "@playwright/test";
import { expectAccessible, openPage, picture, programs, row, signIn, write } from "./programs";

// The real server and the real desktop core, with the page they carry: `npm run build` first.

test.describe.configure({ mode: "serial" });
const { path, start, demo } = programs();

let address: string;
let server: ChildProcess;

test("two browsers, one a phone, write to each other; a start that is refused says why", async ({
  browser,
}) => {
  [server, address] = await demo("127.0.0.1:0");
  const mira = await openPage(browser, address);
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  const liam = await openPage(browser, address, phone);
  await signIn(mira, "mira");
  await signIn(liam, "liam");
  await row(mira, "Liam Draycote").click();
  await row(liam, "Mira Castellan").tap();

  await liam.getByRole("textbox").pressSequentially("Is batch 88 back?");
  await expect(mira.getByText("Liam is typing")).toBeVisible();
  await liam.getByRole("button", { name: "Send" }).tap();
  await expect(mira.getByRole("region", { name: /^Messages/ }).getByText("Is batch 88 back?")).toBeVisible();
  await write(mira, "Yes, since this morning.");
  // It is read aloud as well, so the place is named.
  await expect(
    liam.getByRole("region", { name: /^Messages/ }).getByText("Yes, since this morning."),
  ).toBeVisible();
  await expectAccessible(mira);
  await expectAccessible(liam);
  await picture(mira, "two-browsers-agent");
  await picture(liam, "two-browsers-phone");

  await mira.getByRole("navigation", { name: "Main" }).getByRole("button", { name: "People" }).click();
  await mira.getByRole("listitem").filter({ hasText: "Farid Talesh" }).getByRole("button").click();
  await mira.getByRole("button", { name: "Why?" }).click();
  await expect(mira.getByRole("dialog")).toContainText("You may not write to Farid first");
  await picture(mira, "refused-start");
});

test("a session ended from another device is shown the sign-in page; a new password ends all others", async ({
  browser,
}) => {
  // A server of its own: with another password the people of a demo cannot come back.
  const [, own] = await demo("127.0.0.1:0", "account");
  const here = await openPage(browser, own);
  const there = await openPage(browser, own);
  await signIn(here, "liam");
  await signIn(there, "liam");

  await here.getByRole("button", { name: "Settings" }).click();
  await here.getByRole("button", { name: "Your devices" }).click();
  const devices = here.getByRole("dialog", { name: "Your devices" });
  const browsers = devices.getByRole("listitem").filter({ hasText: "Chrome on Linux" });
  await expect(browsers).toHaveCount(2);
  await expect(browsers.filter({ hasText: "This device" })).toHaveCount(1);
  await expect(browsers.filter({ hasText: "Connected now" })).toHaveCount(2);
  await expectAccessible(here);
  await picture(here, "devices-real");
  await browsers.getByRole("button", { name: /^End the session/ }).click();
  await expect(there.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(browsers).toHaveCount(1);

  await signIn(there, "liam");
  await devices.getByRole("button", { name: "Change password" }).click();
  const form = here.getByRole("dialog", { name: "Change password" });
  await form.getByLabel("Current password").fill("not it");
  await form.getByLabel("New password", { exact: true }).fill("liam's second password");
  await form.getByLabel("New password once more").fill("liam's second password");
  await here.keyboard.press("Enter");
  await expect(form).toContainText("This is not your current password.");
  await form.getByLabel("Current password").fill("liam-larchfield");
  await here.keyboard.press("Enter");
  await expect(form).toContainText("Your password is changed");
  await expect(there.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await there.getByLabel("Name").fill("liam");
  await there.getByLabel("Password", { exact: true }).fill("liam's second password");
  await there.keyboard.press("Enter");
  await expect(there.getByRole("region", { name: "Conversations" })).toBeVisible();
  await here.keyboard.press("Escape");
  await expect(here.getByRole("region", { name: "Conversations" })).toBeVisible();
});

test("two desktops write while the server is killed: everything once, in one order", async ({ browser }) => {
  const core = (profile: string, name: string) =>
    start("parley-core", ["--profile", path(profile), "--server", address, "--sign-in", name, "--key-file"], {
      PARLEY_PASSWORD: `${name}-larchfield`,
    });
  const [, miraAt] = await core("one", "mira");
  const [, liamAt] = await core("two", "liam");
  const mira = await openPage(browser, miraAt);
  const liam = await openPage(browser, liamAt);
  await row(mira, "Liam Draycote").click();
  await row(liam, "Mira Castellan").click();
  await write(mira, "before 1");
  await expect(liam.getByText("before 1").last()).toBeVisible();

  server.kill("SIGKILL");
  await expect(mira.getByText(/^Offline/)).toBeVisible();
  await expect(liam.getByText(/^Offline/)).toBeVisible();
  await write(mira, "meanwhile 2");
  await write(liam, "meanwhile 3");
  await write(mira, "meanwhile 4");
  await expect(mira.getByText("Offline: 2 messages wait.")).toBeVisible();
  await picture(mira, "desktop-offline");

  [server] = await demo(new URL(address).host);
  const told = (page: Page) =>
    page.getByRole("region", { name: /^Messages/ }).getByText(/^(before|meanwhile) \d/);
  for (const page of [mira, liam]) {
    await expect(page.getByRole("region", { name: "Connection" })).toHaveCount(0, { timeout: 60_000 });
    await expect(told(page)).toHaveCount(4, { timeout: 60_000 });
  }
  const order = async (page: Page) =>
    (await told(page).allInnerTexts()).map((text) => /\w+ \d/.exec(text)?.[0]);
  expect(await order(mira)).toEqual(await order(liam));
  const own = (await order(mira)).filter((text) => text !== "meanwhile 3");
  expect(own).toEqual(["before 1", "meanwhile 2", "meanwhile 4"]);
  await picture(mira, "desktop-back");
});
