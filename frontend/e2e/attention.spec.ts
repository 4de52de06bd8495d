import { expect, type Page, test } from "@playwright/test";
import { FakeHub, ORIGIN } from "./fakehub";
import { expectAccessible } from "./programs";
import { miraSnapshot } from "./world";

// How the page disturbs somebody, and how they say when not to: in a browser, where the page decides. What the operating system
// would show is caught on its way there.

interface Shown {
  tag: string;
  title: string;
  closed: boolean;
}

/** Stands in for the system's notifications, of which a browser without a screen has none. */
async function catchToasts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shown: Shown[] = [];
    const standing: { onclick: (() => void) | null; shown: Shown }[] = [];
    class Caught {
      static permission = "granted";
      static requestPermission = async () => "granted";
      onclick: (() => void) | null = null;
      onclose: (() => void) | null = null;
      shown: Shown;
      constructor(title: string, { tag }: { tag: string }) {
        this.shown = { tag, title, closed: false };
        shown.push(this.shown);
        standing.push(this);
      }
      close() {
        this.shown.closed = true;
        this.onclose?.();
      }
    }
    Object.assign(window, { Notification: Caught, toasts: shown, standing });
    localStorage.setItem("parley.preferences", JSON.stringify({ toasts: true }));
  });
}

const toasts = (page: Page) => page.evaluate(() => (window as unknown as { toasts: Shown[] }).toasts);

/** What a click on the newest notification does. */
const clickToast = (page: Page) =>
  page.evaluate(() =>
    (window as unknown as { standing: { onclick: (() => void) | null }[] }).standing.at(-1)?.onclick?.(),
  );

/** The person turns to another program, or comes back. */
const leave = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event("blur")));
const comeBack = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event("focus")));

async function open(page: Page, hub: FakeHub): Promise<void> {
  await catchToasts(page);
  await hub.attach(page);
  await page.goto(ORIGIN);
  await expect(page.getByRole("navigation").first()).toBeVisible();
}

const talk = (hub: FakeHub, other: string) =>
  hub.snapshot.conversations.find((c) => c.conversation.participants.includes(other))?.conversation.id ?? "";
const tab = (page: Page, name: string) => page.getByRole("tab", { name });

test("a message calls once; what is read elsewhere calls no more; a click opens it", async ({ page }) => {
  const hub = new FakeHub(miraSnapshot());
  await open(page, hub);
  await leave(page);
  const ana = talk(hub, "ana");
  hub.say(ana, "ana", "Are you there?");
  await expect.poll(() => toasts(page)).toEqual([{ tag: ana, title: "Ana Novik", closed: false }]);
  await expect(tab(page, "Ana Novik")).toContainText("new message");

  const n = hub.snapshot.conversations.find((c) => c.conversation.id === ana)?.lastN ?? 0;
  hub.events([{ type: "read.marked", read: { conversationId: ana, n } }]);
  await expect.poll(async () => (await toasts(page))[0]?.closed).toBe(true);
  await expect(tab(page, "Ana Novik")).not.toContainText("new message");

  const liam = talk(hub, "liam");
  hub.say(liam, "liam", "And you?");
  await expect.poll(async () => (await toasts(page)).length).toBe(2);
  await clickToast(page);
  await expect(tab(page, "Liam Draycote")).toHaveAttribute("aria-selected", "true");
  await comeBack(page);
  await expect
    .poll(() => hub.received.some((r) => r.do === "read.mark" && r.args.conversationId === liam))
    .toBe(true);
});

test("do not disturb is chosen in the status menu and holds", async ({ page }) => {
  const hub = new FakeHub(miraSnapshot());
  await open(page, hub);
  const own = page.getByRole("button", { name: /^Your status/ });
  await own.click();
  await expect(page.getByRole("menuitem", { name: "Until I switch it off" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("menuitem", { name: "Until I switch it off" }).click();
  await expect(own).toHaveAccessibleName(/not disturbed$/);
  await leave(page);
  hub.say(talk(hub, "ana"), "ana", "Are you there?");
  await expect(page.getByRole("listitem").filter({ hasText: "Are you there?" })).toBeVisible();
  await expect(page.getByText("new message")).toHaveCount(0);
  expect(await toasts(page)).toEqual([]);

  await own.click();
  await page.getByRole("menuitem", { name: "Disturb me again" }).click();
  await expect(own).not.toHaveAccessibleName(/not disturbed/);
  // What came meanwhile is told now.
  await expect.poll(async () => (await toasts(page)).length).toBe(1);

  await own.click();
  await page.getByRole("menuitem", { name: "For 1 hour" }).click();
  await expect(own).toHaveAccessibleName(/not disturbed until .*\d\d:\d\d$/);
});

test("a muted conversation is marked, counts for no badge and calls nobody", async ({ page }) => {
  const hub = new FakeHub(miraSnapshot());
  await open(page, hub);
  await page.getByRole("listitem").filter({ hasText: "Ana Novik" }).getByRole("button").click();
  await page.getByRole("button", { name: "Mute Ana Novik" }).click();
  const unmute = page.getByRole("button", { name: "Unmute Ana Novik" });
  await expect(unmute).toHaveAttribute("aria-pressed", "true");
  await expect(
    page.getByRole("listitem").filter({ hasText: "Ana Novik" }).getByRole("img", { name: "muted" }),
  ).toBeVisible();
  await page.mouse.move(0, 0); // a hint would lie over the page
  await expect(page.getByRole("tooltip", { includeHidden: true })).toHaveCount(0);
  await expectAccessible(page);
  await leave(page);
  const before = await page.title();
  hub.say(talk(hub, "ana"), "ana", "Are you there?");
  await expect(page.getByRole("listitem").filter({ hasText: "Are you there?" })).toBeVisible();
  expect(await toasts(page)).toEqual([]);
  expect(await page.title()).toBe(before);
  await unmute.click();
  await expect(page.getByRole("button", { name: "Mute Ana Novik" })).toBeVisible();
});
