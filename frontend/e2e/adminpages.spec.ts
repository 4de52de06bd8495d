import { expect, type Page, test } from "@playwright/test";
import de from "../src/i18n/de.json" with { type: "json" };
import en from "../src/i18n/en.json" with { type: "json" };
import type { GroupRecord, UserListAnswer } from "../src/protocol";
import { command, expectAccessible, openPage, picture, programs, signIn } from "./programs";

// Every page of the administration against the real server, light and dark, on a phone and in German: each is whole for
// everybody (axe), nothing of it sticks out at the side, and SCREENS keeps a picture of it.

const { demo } = programs();

const looks = [
  { name: "light", texts: en, scheme: "light", size: { width: 1440, height: 900 } },
  { name: "dark", texts: en, scheme: "dark", size: { width: 1440, height: 900 } },
  { name: "phone", texts: en, scheme: "light", size: { width: 390, height: 844 } },
  { name: "german", texts: de, scheme: "light", size: { width: 1280, height: 800 } },
] as const;

async function ask<T>(page: Page, name: string, args: unknown): Promise<T> {
  const { ok, error } = await command<T>(page, name, args);
  if (error) throw new Error(`${name}: ${error.text}`);
  return ok as T;
}

/** Something of everything, so that no page is empty. */
async function prepare(page: Page): Promise<void> {
  const list = await ask<UserListAnswer>(page, "user.list", {});
  const of = (name: string) => list.users.find((u) => u.name === name)?.user.id ?? "";
  const set = {
    label: "Service desk",
    permissions: ["messagingAgent", "manageInternalUsers", "viewSetup"],
    statuses: ["available", "break"],
    sessions: "teamOrQueue",
    contacts: "own",
  };
  await ask(page, "set.create", { set });
  await ask(page, "set.create", { set: { ...set, label: "Night shift", permissions: [] } });
  await ask(page, "queue.create", { name: "Orders", teamIds: [list.teams[0]?.id] });
  await ask(page, "queue.create", { name: "Returns", teamIds: [] });
  const group = list.groups[0] as GroupRecord;
  const rule = { groupId: group.id, revision: 0, transcripts: [of("sigrun")], live: [] };
  await ask(page, "monitoring.update", { rule });
  const tomas = list.users.find((u) => u.name === "tomas");
  await ask(page, "settings.update", {
    userId: tomas?.user.id,
    revision: tomas?.revision,
    settings: { replies: true, start: true, scope: "teams", targets: [list.teams[0]?.id] },
    applyNow: false,
  });
}

/** Goes to a page by the palette, which there is at every width. */
async function goTo(page: Page, title: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await expect(page.locator("[role=combobox]:focus")).toBeVisible();
  await page.keyboard.type(title);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: title, level: 1 })).toBeVisible();
}

for (const { name, texts: t, scheme, size } of looks) {
  test(`the pages of the administration: ${name}`, async ({ browser }) => {
    test.setTimeout(300_000);
    const [, address] = await demo("127.0.0.1:0", name);
    const page = await openPage(browser, address, { colorScheme: scheme });
    await signIn(page, "tove");
    await prepare(page);
    const mira = await openPage(browser, address);
    await signIn(mira, "mira");
    const farid = (await ask<UserListAnswer>(page, "user.list", {})).users.find((u) => u.name === "farid");
    const text = "Customs papers for order 20418";
    await ask(mira, "request.make", { act: "post", otherId: farid?.user.id, text });
    await page.evaluate(
      (language) => localStorage.setItem("parley.preferences", JSON.stringify({ language })),
      t === de ? "de" : "en",
    );
    await page.setViewportSize(size);
    await page.reload();
    await expect(page.getByRole("region", { name: t.nav.conversations, exact: true })).toBeVisible();

    const look = async (what: string) => {
      await expectAccessible(page, name === "light" || name === "dark");
      await picture(page, `admin-${what}-${name}`);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(over, `${what} sticks out`).toBeLessThanOrEqual(0);
    };
    const drawer = page.getByRole("dialog");
    const close = async () => {
      await drawer.getByRole("button", { name: t.admin.close, exact: true }).first().click();
      await expect(drawer).toHaveCount(0);
    };

    await goTo(page, t.adminPages.agents.title);
    await expect(page.getByRole("row").filter({ hasText: "Tomas Ellwart" })).toContainText(t.agents.pending);
    await look("agents");
    await page.getByRole("searchbox", { name: t.agents.search }).fill("Tomas");
    await page.keyboard.press("Enter");
    await expect(drawer).toContainText(t.messaging.disallowed);
    await expect(drawer).toContainText("Tove");
    await look("gear");
    for (const panel of ["account", "rights"] as const) {
      await drawer.getByRole("button", { name: t.account.panels[panel] }).click();
      await look(panel);
    }
    await close();
    const tab = (id: keyof typeof t.agents.tabs) =>
      page
        .getByRole("navigation", { name: t.adminPages.agents.title })
        .getByRole("button", { name: t.agents.tabs[id] })
        .click();
    for (const [id, entry] of [
      ["teams", "Claims"],
      ["groups", "North"],
      ["queues", "Orders"],
    ] as const) {
      await tab(id);
      await look(id);
      await page
        .getByRole("listitem")
        .getByRole("button", { name: new RegExp(entry) })
        .click();
      await expect(drawer).toBeVisible();
      await look(`${id}-drawer`);
      await drawer
        .getByRole("button", { name: t.placeForm[id === "teams" ? "rename" : "change"], exact: true })
        .click();
      await expect(page.getByRole("dialog")).toHaveCount(2);
      await look(`${id}-form`);
      await page.keyboard.press("Escape");
      await expect(page.getByRole("dialog")).toHaveCount(1);
      await close();
    }

    for (const id of ["agentFeatures", "licenses", "monitoring", "health", "audit"] as const) {
      await goTo(page, t.adminPages[id].title);
      await expect(page.getByText(t.admin.loading)).toHaveCount(0);
      await look(id);
    }
    await goTo(page, t.adminPages.permissionSets.title);
    await expect(page.getByRole("button", { name: "Service desk" })).toBeVisible();
    await look("sets");
    await page.getByRole("button", { name: "Service desk" }).click();
    await expect(drawer).toBeVisible();
    await look("set");
    await close();
    await goTo(page, t.adminPages.requests.title);
    await expect(page.getByText(text)).toBeVisible();
    await look("requests");
    await goTo(page, t.adminPages.explain.title);
    await look("explain");
  });
}
