import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { PROGRAMS } from "./build";
import { expectAccessible, openPage, picture, programs } from "./programs";

// Single sign-on through a real OpenID provider's own sign-in page, in a browser and from the desktop's core: `npm run build` first.

test.describe.configure({ mode: "serial" });
const { path, start } = programs();

let server: string;

const inside = (page: Page) => page.getByRole("region", { name: "Conversations" });
const button = (page: Page) => page.getByRole("button", { name: "Sign in with Larchfield" });

/** Signs in on the provider's page. */
async function atProvider(page: Page, name: string): Promise<void> {
  await page.getByLabel("Username:").fill(name);
  await page.getByLabel("Password:").fill(`${name} at Larchfield`);
  await page.getByRole("button", { name: "Login" }).click();
}

test("a browser signs in at the provider; whom Parley does not know is told so", async ({ browser }) => {
  mkdirSync(path(), { recursive: true });
  const user = (name: string) => ({
    ID: name,
    Username: name,
    Password: `${name} at Larchfield`,
    FirstName: name,
  });
  writeFileSync(path("users.json"), JSON.stringify({ nora: user("nora"), stranger: user("stranger") }));
  const [, issuer] = await start("openid", ["-users", path("users.json")]);
  const data = path("sso");
  writeFileSync(path("secret"), "larchfield\n");
  execFileSync(
    join(process.env[PROGRAMS] ?? "", "parley-server"),
    ["user", "add", "--new", "--data", data, "--role", "expert", "nora"],
    { input: "a password of her own\n" },
  );
  const flags = [
    "--oidc-issuer",
    issuer,
    "--oidc-client-id",
    "parley",
    "--oidc-client-secret-file",
    path("secret"),
  ];
  [, server] = await start("parley-server", [
    ...["serve", "--data", data, "--listen", "127.0.0.1:0", "--oidc-name", "Larchfield"],
    ...flags,
  ]);
  await fetch(`${issuer}allow?uri=${encodeURIComponent(`${server}/v1/sso/callback`)}`);

  const nora = await openPage(browser, server);
  await expect(button(nora)).toBeVisible();
  await expectAccessible(nora);
  await picture(nora, "sso-sign-in");
  await button(nora).press("Enter");
  await picture(nora, "sso-provider");
  await atProvider(nora, "nora");
  await expect(inside(nora)).toBeVisible();
  await nora.reload();
  await expect(inside(nora)).toBeVisible();

  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  const stranger = await openPage(browser, server, phone);
  await button(stranger).tap();
  await atProvider(stranger, "stranger");
  await expect(stranger.getByRole("alert")).toContainText("no active account for you here");
  expect(new URL(stranger.url()).search).toBe("");
  await expectAccessible(stranger);
  await picture(stranger, "sso-refused-phone");
  await stranger.getByLabel("Name").fill("nora");
  await stranger.getByLabel("Password", { exact: true }).fill("a password of her own");
  await stranger.keyboard.press("Enter");
  await expect(inside(stranger)).toBeVisible();
});

test("the desktop's core signs in through a browser of the system's", async ({ browser }) => {
  const [, address] = await start("parley-core", ["--profile", path("core"), "--key-file"]);
  const core = await openPage(browser, address);
  await core.getByLabel("Server").fill(server);
  await core.getByLabel("Name").focus();
  await expect(button(core)).toBeVisible();
  const opened = core.context().waitForEvent("page");
  await button(core).press("Enter");
  const outside = await opened;
  await expect(core.getByText("Go on in your browser.")).toBeVisible();
  await expectAccessible(core);
  await picture(core, "sso-desktop");
  await atProvider(outside, "nora");
  await expect(outside.getByText("Go on in Parley")).toBeVisible();
  await expect(inside(core)).toBeVisible();
});
