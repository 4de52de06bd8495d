import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { type Browser, type BrowserContextOptions, expect, type Page, test } from "@playwright/test";

// The real server and the real desktop core, with the page they carry: `npm run build` first.

const ROOT = join(import.meta.dirname, "../..");
const SCREENS = process.env.SCREENS;
const running: ChildProcess[] = [];
let folder: string;

test.describe.configure({ mode: "serial" });

test.beforeAll(() => {
  test.setTimeout(300_000);
  folder = mkdtempSync(join(tmpdir(), "parley-e2e-"));
  execFileSync("go", ["build", "-o", folder, "./backend/cmd/parley-server", "./app/cmd/parley-core"], {
    cwd: ROOT,
  });
});

test.afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a program and waits until its output says where it is. */
function start(
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<[ChildProcess, string]> {
  const child = spawn(join(folder, program), args, { env: { ...process.env, ...env } });
  running.push(child);
  return new Promise((resolve, reject) => {
    let said = "";
    const listen = (data: Buffer) => {
      said += String(data);
      const address = /http:\/\/127\.0\.0\.1:\d+\S*/.exec(said)?.[0];
      if (address) resolve([child, address]);
    };
    child.stdout.on("data", listen);
    child.once("exit", () => reject(new Error(`${program} ended before it said where it is: ${said}`)));
  });
}

const demo = (listen: string, data = "demo") =>
  start("parley-server", ["demo", "--data", join(folder, data), "--listen", listen]);

async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(url);
  return page;
}

async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(`${name}-larchfield`);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Conversations" })).toBeVisible();
}

const row = (page: Page, name: string) =>
  page
    .getByRole("region", { name: "Conversations" })
    .getByRole("listitem")
    .filter({ hasText: name })
    .getByRole("button");

async function write(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: /^Message to/ }).fill(text);
  await page.keyboard.press("Enter");
}

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`)).toEqual([]);
}

async function picture(page: Page, name: string): Promise<void> {
  if (SCREENS) await page.screenshot({ path: join(SCREENS, `${name}.png`) });
}

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
    start(
      "parley-core",
      ["--profile", join(folder, profile), "--server", address, "--sign-in", name, "--key-file"],
      { PARLEY_PASSWORD: `${name}-larchfield` },
    );
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
