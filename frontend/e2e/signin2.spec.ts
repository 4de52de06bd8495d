import { createHmac } from "node:crypto";
import { expect, type Page, test } from "@playwright/test";
import { expectAccessible, openPage, picture, programs, signIn } from "./programs";

// Signing in with a second factor, against the real server: `npm run build` first.

test.describe.configure({ mode: "serial" });
const { demo } = programs();

let address: string;
let mira: Page;
let secret: string;
let codes: string[];

/** What an authenticator app shows, some steps of 30 s from now (RFC 6238). */
function shown(key: string, steps = 0): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...key].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((b) => Number.parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const sum = createHmac("sha1", bytes).update(counter).digest();
  const at = (sum.at(-1) ?? 0) & 15;
  return String((sum.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function readSecret(page: Page): Promise<string> {
  return ((await page.getByLabel("Key for typing").textContent()) ?? "").replaceAll(" ", "");
}

async function readCodes(page: Page): Promise<string[]> {
  return page.getByRole("list", { name: "Your recovery codes" }).getByRole("listitem").allInnerTexts();
}

/** Types name and password, as far as the second step. */
async function firstStep(page: Page, name: string): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(`${name}-larchfield`);
  await page.keyboard.press("Enter");
}

async function signOut(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("Sign out");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
}

const inside = (page: Page) => page.getByRole("region", { name: "Conversations" });

test("one sets it up in one's settings, by keyboard", async ({ browser }) => {
  [, address] = await demo("127.0.0.1:0");
  mira = await openPage(browser, address);
  await signIn(mira, "mira");
  await mira.getByRole("button", { name: "Settings" }).click();
  await mira.getByRole("button", { name: "Second factor" }).click();
  const dialog = mira.getByRole("dialog", { name: "Second factor" });
  await expect(dialog).toContainText("Off. Your password alone");
  await expectAccessible(mira);
  await dialog.getByRole("button", { name: "Set up" }).press("Enter");
  await mira.keyboard.type("not mine");
  await mira.keyboard.press("Enter");
  await expect(dialog).toContainText("This is not your password");
  await dialog.getByLabel("Current password").fill("mira-larchfield");
  await mira.keyboard.press("Enter");
  await expect(dialog.getByAltText("QR code for your authenticator app")).toBeVisible();
  secret = await readSecret(mira);
  await expectAccessible(mira);
  await picture(mira, "factor-set-up");
  await mira.keyboard.type("12345");
  await mira.keyboard.press("Enter");
  await expect(dialog).toContainText("This code is not right");
  await dialog.getByLabel("Code", { exact: true }).fill(shown(secret, -1));
  await mira.keyboard.press("Enter");
  await expect(dialog.getByRole("list", { name: "Your recovery codes" })).toBeVisible();
  codes = await readCodes(mira);
  expect(codes).toHaveLength(10);
  await expectAccessible(mira);
  await picture(mira, "factor-codes");
  await mira.keyboard.press("Enter"); // "I have kept them"
  await expect(dialog).toContainText("10 recovery codes are left");
  await picture(mira, "factor-on");
  await mira.keyboard.press("Escape");
});

test("the next sign-in asks for the code; a recovery code stands for it, on a phone too", async ({
  browser,
}) => {
  await signOut(mira);
  await firstStep(mira, "mira");
  await expect(mira.getByRole("heading", { name: "One more step" })).toBeVisible();
  await expect(mira.getByLabel("Code", { exact: true })).toBeFocused();
  await expectAccessible(mira);
  await picture(mira, "factor-sign-in");
  await mira.keyboard.type("000000");
  await mira.keyboard.press("Enter");
  await expect(mira.getByText("This code is not right")).toBeVisible();
  await mira.getByLabel("Code", { exact: true }).fill(shown(secret));
  await mira.keyboard.press("Enter");
  await expect(inside(mira)).toBeVisible();

  const phone = await openPage(browser, address, {
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  });
  await firstStep(phone, "mira");
  await phone.getByRole("button", { name: "Use a recovery code instead" }).tap();
  await phone.getByLabel("Recovery code").fill(codes[0] ?? "");
  await expectAccessible(phone);
  await picture(phone, "factor-sign-in-phone");
  await phone.getByRole("button", { name: "Sign in", exact: true }).tap();
  await expect(inside(phone)).toBeVisible();
  await phone.context().close();
});

test("administrators ask it of a role; who has none sets it up while signing in", async ({ browser }) => {
  const tove = await openPage(browser, address);
  await signIn(tove, "tove");
  await tove.getByRole("button", { name: "Administration" }).click();
  await tove.getByRole("button", { name: "Agent features" }).click();
  const roles = tove.getByRole("group", { name: "Second factor at sign-in" });
  await roles.getByRole("checkbox", { name: "Experts" }).check();
  await expect(tove.getByText("Saving asks a second factor of Experts")).toBeVisible();
  await expectAccessible(tove);
  await picture(tove, "factor-features");
  await tove.getByRole("button", { name: "Save", exact: true }).click();
  await expect(tove.getByText("Saving asks a second factor of Experts")).toBeHidden();

  const liam = await openPage(browser, address, {
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  });
  await firstStep(liam, "liam");
  await expect(liam.getByRole("heading", { name: "Set up a second factor" })).toBeVisible();
  await expectAccessible(liam);
  await picture(liam, "factor-enrol-phone");
  await liam.getByLabel("Code", { exact: true }).fill(shown(await readSecret(liam)));
  await liam.getByRole("button", { name: "Sign in", exact: true }).tap();
  await expect(liam.getByRole("list", { name: "Your recovery codes" })).toBeVisible();
  await expectAccessible(liam);
  await picture(liam, "factor-enrol-codes-phone");
  await liam.getByRole("button", { name: "I have kept them" }).tap();
  await expect(inside(liam)).toBeVisible();
});

test("administrators reset it for who has lost it", async ({ browser }) => {
  const tove = await openPage(browser, address);
  await signIn(tove, "tove");
  await tove.getByRole("button", { name: "Administration" }).click();
  const search = tove.getByRole("searchbox", { name: "Filter agents" });
  await search.fill("Mira");
  await search.press("Enter");
  const drawer = tove.getByRole("dialog", { name: "Mira Castellan" });
  await drawer.getByRole("button", { name: "Account", exact: true }).click();
  await drawer.getByRole("button", { name: "Reset", exact: true }).click();
  await expect(drawer.getByText("Mira Castellan has no second factor any more")).toBeVisible();
  await expectAccessible(tove);
  await picture(tove, "factor-reset");
  // Her session has ended with it.
  await expect(mira.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await signIn(mira, "mira");
});
