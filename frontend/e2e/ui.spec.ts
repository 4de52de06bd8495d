import { expect, type Page, test } from "@playwright/test";
import { FakeHub, ORIGIN } from "./fakehub";
import { expectAccessible, picture } from "./programs";
import { liamSnapshot, miraSnapshot, threeSessions } from "./world";

async function open(page: Page, hub: FakeHub): Promise<void> {
  await hub.attach(page);
  await page.goto(ORIGIN);
}

const row = (page: Page, name: string) =>
  page.getByRole("listitem").filter({ hasText: name }).getByRole("button");
const tab = (page: Page, name: string) => page.getByRole("tab", { name });
const composer = (page: Page, name: string) => page.getByRole("textbox", { name: `Message to ${name}` });
const timeline = (page: Page, name: string) => page.getByRole("region", { name: `Messages with ${name}` });

test.describe("signing in", () => {
  test("says what is missing, what is wrong, and then opens the window", async ({ page }) => {
    await open(page, new FakeHub(miraSnapshot(), { signedIn: false }));
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByText("Fill in this field.")).toHaveCount(2);
    await expect(page.getByLabel("Name")).toBeFocused();
    await expectAccessible(page);
    await page.getByLabel("Name").fill("mira");
    await page.getByLabel("Password", { exact: true }).fill("wrong");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("alert")).toContainText("not right");
    await page.keyboard.type("right");
    await page.keyboard.press("Enter");
    await expect(row(page, "Ana Novik")).toBeVisible();
  });

  test("on the desktop asks for the server and signs in through the replica", async ({ page }) => {
    const hub = new FakeHub(miraSnapshot(), { signedIn: false, replica: true });
    await hub.attach(page);
    await page.goto(`${ORIGIN}/#${"t".repeat(43)}`);
    await page.getByLabel("Server").fill("parley.example.com");
    await page.getByLabel("Name").fill("mira");
    await page.getByLabel("Password", { exact: true }).fill("right");
    await page.keyboard.press("Enter");
    await expect(row(page, "Ana Novik")).toBeVisible();
    expect(page.url()).toBe(`${ORIGIN}/`);
    expect(hub.received.find((r) => r.do === "replica.signIn")?.args).toEqual({
      server: "parley.example.com",
      name: "mira",
      password: "right",
    });
  });
});

test.describe("writing", () => {
  test("a message is posted, formatted as the keys said", async ({ page }) => {
    const hub = new FakeHub(miraSnapshot());
    await open(page, hub);
    await row(page, "Ana Novik").click();
    await composer(page, "Ana Novik").click();
    await page.keyboard.type("plain ");
    await page.keyboard.press("Control+b");
    await page.keyboard.type("bold");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("second line");
    await page.keyboard.press("Enter");
    await expect(timeline(page, "Ana Novik").locator("strong", { hasText: "bold" })).toBeVisible();
    await expect(composer(page, "Ana Novik")).toHaveText("");
    expect(hub.received.find((r) => r.do === "message.post")?.args).toMatchObject({
      text: "plain bold\nsecond line",
    });
  });

  test("an expert has a plain field and no formatting", async ({ page }) => {
    await open(page, new FakeHub(liamSnapshot()));
    await row(page, "Mira Castellar").click();
    await expect(composer(page, "Mira Castellar")).toBeVisible();
    await expect(page.getByRole("toolbar", { name: "Formatting" })).toHaveCount(0);
    await expect(page.getByRole("note")).toHaveAccessibleName(/Experts send plain text/);
  });

  test("a refused message says why and can be written again or discarded", async ({ page }) => {
    const hub = new FakeHub(miraSnapshot());
    await open(page, hub);
    await row(page, "Liam Draycote").click();
    hub.refuse = {
      code: "denied",
      text: "No.",
      refusal: { gate: "personal", rule: "personal.startNotIncluded" },
    };
    await composer(page, "Liam Draycote").fill("Batch number?");
    await page.keyboard.press("Enter");
    await expect(page.getByText("Not sent: your Start setting does not include Liam")).toBeVisible();
    await page.getByRole("button", { name: "Why?" }).click();
    await expect(page.getByRole("dialog")).toContainText("You may not write to Liam first");
    await expect(
      page.getByRole("dialog").getByRole("listitem").filter({ hasText: "Personal" }),
    ).toContainText("refused");
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Write again" }).click();
    await expect(composer(page, "Liam Draycote")).toHaveText("Batch number?");
    await expect(page.getByText("Not sent:")).toHaveCount(0);
  });

  test("where one may not write, the reason stands in place of the field", async ({ page }) => {
    await open(page, new FakeHub(miraSnapshot()));
    await row(page, "Winnie Yarrow").click();
    await expect(composer(page, "Winnie Yarrow")).toHaveCount(0);
    await expect(page.getByText("You may not write to Winnie first").first()).toBeVisible();
    await expect(page.getByRole("button", { name: "Why?" }).first()).toBeVisible();
  });

  test("a draft is kept when one goes elsewhere, and shown in the list", async ({ page }) => {
    await open(page, new FakeHub(miraSnapshot()));
    await row(page, "Ana Novik").click();
    await composer(page, "Ana Novik").fill("half a thou");
    await row(page, "Pia Manderley").click();
    await expect(row(page, "Ana Novik")).toContainText("Draft: half a thou");
    await row(page, "Ana Novik").click();
    await expect(composer(page, "Ana Novik")).toHaveText("half a thou");
  });
});

test("the network goes and comes: the screen says the truth, everything arrives once and in order", async ({
  page,
}) => {
  const hub = new FakeHub(miraSnapshot());
  await open(page, hub);
  await row(page, "Ana Novik").click();
  await composer(page, "Ana Novik").click();
  await hub.cut();
  await expect(page.getByText("Offline.")).toBeVisible();
  for (const text of ["one", "two", "three"]) {
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
  }
  await expect(page.getByText("Offline: 3 messages wait.")).toBeVisible();
  await expect(timeline(page, "Ana Novik").getByRole("img", { name: /^Waiting/ })).toHaveCount(3);
  await expect(tab(page, "Ana Novik").getByRole("img")).toHaveAccessibleName("Not known while offline");
  await expectAccessible(page);
  hub.up();
  const back = page.getByText("Connected again.");
  // It may be back by itself before the button is pressed.
  await Promise.any([page.getByRole("button", { name: "Try now" }).click(), back.waitFor()]);
  await expect(back).toBeVisible();
  await expect(timeline(page, "Ana Novik").getByRole("img", { name: /^Waiting/ })).toHaveCount(0);
  expect(hub.received.filter((r) => r.do === "message.post").map((r) => r.args.text)).toEqual([
    "one",
    "two",
    "three",
  ]);
});

test.describe("attention", () => {
  test("a new message makes its tab flash, counts in the title, and ends when it is looked at", async ({
    page,
  }) => {
    const hub = new FakeHub(miraSnapshot());
    await open(page, hub);
    await row(page, "Ana Novik").click();
    await expect(page).toHaveTitle("Parley");
    hub.say("d.mira.pia", "pia", "Ticket 20418 is closed.");
    await expect(page).toHaveTitle("(1) Parley");
    await expect(tab(page, "Pia Manderley")).toHaveAccessibleName(/1 unread message, new message/);
    await expect(page.getByRole("log")).toContainText("Pia Manderley: Ticket 20418 is closed.");
    await tab(page, "Pia Manderley").click();
    await expect(page).toHaveTitle("Parley");
    await expect(page.getByText("1 new")).toBeVisible();
    expect(hub.received.findLast((r) => r.do === "read.mark")?.args).toEqual({
      conversationId: "d.mira.pia",
      n: 3,
    });
    await tab(page, "Pia Manderley").click();
    await expect(tab(page, "Ana Novik")).toHaveAttribute("aria-selected", "true");
  });

  test("what comes into the conversation one looks at is read at once", async ({ page }) => {
    const hub = new FakeHub(miraSnapshot());
    await open(page, hub);
    await row(page, "Pia Manderley").click();
    hub.say("d.mira.pia", "pia", "Are you there?");
    await expect(timeline(page, "Pia Manderley").getByText("Are you there?")).toBeVisible();
    await expect(page).not.toHaveTitle(/\(1\)/);
  });
});

test("older messages come in above without moving what one reads", async ({ page }) => {
  await open(page, new FakeHub(miraSnapshot()));
  await row(page, "Ana Novik").click();
  const lines = timeline(page, "Ana Novik");
  await expect(lines.getByText("Shall I tell the clinic")).toBeInViewport();
  const anchor = lines.getByText("Older message number 235");
  // Step up until a message of the older page is in sight, then look whether more pages push it away.
  await expect(async () => {
    await lines.hover();
    await page.mouse.wheel(0, -400);
    await expect(anchor).toBeInViewport({ timeout: 200 });
  }).toPass();
  const before = (await anchor.boundingBox())?.y ?? 0;
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  expect(Math.abs(((await anchor.boundingBox())?.y ?? 0) - before)).toBeLessThan(2);
  await expect(async () => {
    await page.mouse.wheel(0, -4000);
    await expect(lines.getByText("The beginning of your conversation")).toBeInViewport({ timeout: 200 });
  }).toPass({ timeout: 20_000 });
  await page.getByRole("button", { name: "To the newest message" }).click();
  await expect(lines.getByText("Shall I tell the clinic")).toBeInViewport();
});

test("a date leads to what was written then", async ({ page }) => {
  await open(page, new FakeHub(miraSnapshot()));
  await row(page, "Ana Novik").click();
  const lines = timeline(page, "Ana Novik");
  await expect(lines.getByText("Shall I tell the clinic")).toBeInViewport();
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: /^Go to/ })).toBeFocused();
  await page.keyboard.type("go to a date");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Go to a date" });
  await expect(dialog.getByLabel("Day")).toBeFocused();
  await expectAccessible(page);
  await picture(page, "go-to-date");
  await dialog.getByLabel("Day").fill("2001-02-03");
  await page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  await expect(page.locator("[data-wanted]")).toContainText("Older message number 1");
  await expect(lines.getByText("The beginning of your conversation")).toBeInViewport();

  // A day's own line leads there, too. What cannot be shown is said, and one stays where one was.
  await lines.getByTitle("Go to a date").first().click();
  await dialog.getByRole("button", { name: "Show" }).click();
  await expect(dialog.getByText("Choose a day.")).toBeVisible();
  await expect(dialog.getByLabel("Day")).toBeFocused();
  await dialog.getByLabel("Day").fill("2099-01-01");
  await dialog.getByRole("button", { name: "Show" }).click();
  // Browsers differ in the comma after the day of the week.
  await expect(dialog.getByRole("alert")).toHaveText(
    /^Nothing was written on Thursday,? 1 January 2099 or after it\.$/,
  );
  await picture(page, "go-to-date-nothing");
  await expectAccessible(page);
  await expect(lines.getByText("The beginning of your conversation")).toBeInViewport();
});

test("what is typed right after the palette's keys lands in it, even while the composer is loading", async ({
  page,
}) => {
  await open(page, new FakeHub(miraSnapshot()));
  await row(page, "Ana Novik").click();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("people");
  await expect(page.getByRole("combobox", { name: /^Go to/ })).toHaveValue("people");
  await expect(composer(page, "Ana Novik")).toHaveText("");
});

test.describe("keyboard", () => {
  test("the palette finds people, conversations and commands", async ({ page }) => {
    await open(page, new FakeHub(miraSnapshot()));
    await expect(row(page, "Ana Novik")).toBeVisible();
    await page.keyboard.press("Control+k");
    const field = page.getByRole("combobox");
    await expect(field).toBeFocused();
    await page.keyboard.type("bram");
    await expect(page.getByRole("option", { name: /Bram/ })).toHaveAttribute("aria-selected", "true");
    await expectAccessible(page);
    await page.keyboard.press("Enter");
    await expect(composer(page, "Bram Oosterveen")).toBeFocused();
    await page.keyboard.press("Control+k");
    await expect(field).toBeFocused();
    await page.keyboard.type("dark");
    await page.keyboard.press("Enter");
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
  });

  test("tabs are reached by number and in turn, lists by arrows, help by question mark", async ({ page }) => {
    await open(page, new FakeHub(miraSnapshot()));
    await row(page, "Ana Novik").click();
    await row(page, "Pia Manderley").click();
    await page.keyboard.press("Alt+1");
    await expect(tab(page, "Ana Novik")).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Alt+ArrowDown");
    await expect(tab(page, "Pia Manderley")).toHaveAttribute("aria-selected", "true");
    await expect(composer(page, "Pia Manderley")).toBeFocused();
    await page.keyboard.press("Escape");
    await page.keyboard.press("/");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await expect(row(page, "Ana Novik")).toBeFocused();
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  });
});

test("people: who may not be written to has a grey button that says why", async ({ page }) => {
  await open(page, new FakeHub(miraSnapshot()));
  await page.getByRole("navigation", { name: "Main" }).getByRole("button", { name: "People" }).click();
  await page.getByRole("button", { name: "Experts" }).click();
  await row(page, "Farid Talesh").click();
  await expect(page.getByRole("button", { name: "New message" })).toBeDisabled();
  await page.getByRole("button", { name: "Why?" }).click();
  await expect(page.getByRole("dialog")).toContainText("Start: chosen roles (Agents, Supervisors)");
  await expectAccessible(page);
});

test("one's own status is set from the menu", async ({ page }) => {
  const hub = new FakeHub(miraSnapshot());
  await open(page, hub);
  await page.getByRole("button", { name: /^Your status/ }).click();
  await page.getByRole("menuitem", { name: "Lunch" }).click();
  await expect
    .poll(() => hub.received.find((r) => r.do === "status.set")?.args)
    .toEqual({ state: "break", reason: "Lunch" });
});

test.describe("one's own account", () => {
  const dialog = (page: Page, name: string) => page.getByRole("dialog", { name });
  const fromSettings = async (page: Page, name: string) => {
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("button", { name }).click();
  };

  test("devices are listed and ended, all by keyboard, and the focus finds its way back", async ({
    page,
  }) => {
    const hub = new FakeHub(miraSnapshot());
    hub.sessions = threeSessions(Date.now());
    await open(page, hub);
    await page.getByRole("button", { name: "Settings" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Your devices" }).focus();
    await page.keyboard.press("Enter");
    const devices = dialog(page, "Your devices");
    const lines = devices.getByRole("listitem");
    await expect(lines).toHaveCount(3);
    await expect(lines.first()).toContainText("This device");
    await expect(lines.first().getByRole("button")).toHaveCount(0);
    await expectAccessible(page);
    await devices.getByRole("button", { name: "End the session on Firefox on Android" }).focus();
    await page.keyboard.press("Enter");
    await expect(lines).toHaveCount(2);
    await expect(devices.getByText("The session on Firefox on Android has ended.")).toBeAttached();
    await expect(devices.getByRole("list")).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(devices).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Settings" })).toBeFocused();
  });

  test("all others end at once", async ({ page }) => {
    const hub = new FakeHub(miraSnapshot());
    hub.sessions = threeSessions(Date.now());
    await open(page, hub);
    await fromSettings(page, "Your devices");
    await dialog(page, "Your devices").getByRole("button", { name: "End all others" }).click();
    await expect(page.getByText("You are signed in nowhere else.")).toBeVisible();
    expect(hub.received.filter((r) => r.do === "session.end").map((r) => r.args.sessionId)).toEqual([
      "s2",
      "s3",
    ]);
  });

  test("without a connection both say so, and go on when it is back", async ({ page }) => {
    const hub = new FakeHub(miraSnapshot());
    hub.sessions = threeSessions(Date.now());
    await open(page, hub);
    await expect(row(page, "Ana Novik")).toBeVisible();
    await hub.cut();
    await expect(page.getByText("Offline.")).toBeVisible();
    await fromSettings(page, "Your devices");
    const devices = dialog(page, "Your devices");
    await expect(devices).toContainText("Your devices show here as soon as the connection is back.");
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await fromSettings(page, "Change password");
    const password = dialog(page, "Change password");
    await password.getByLabel("Current password").fill("right");
    await expect(password).toContainText("Changing the password needs the connection.");
    await expect(password.getByRole("button", { name: "Change password" })).toBeDisabled();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await fromSettings(page, "Your devices");
    hub.up();
    await page.evaluate(() => window.dispatchEvent(new Event("online")));
    await expect(devices.getByRole("listitem")).toHaveCount(3);
    await hub.cut();
    await expect(devices).toContainText("As it was before the connection was lost.");
    await expect(devices.getByRole("button", { name: /^End the session/ }).first()).toBeDisabled();
    await expectAccessible(page);
  });

  test("a password is changed once everything fits", async ({ page }) => {
    const hub = new FakeHub(miraSnapshot());
    await open(page, hub);
    await expect(row(page, "Ana Novik")).toBeVisible();
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("combobox")).toBeFocused();
    await page.keyboard.type("password");
    await page.keyboard.press("Enter");
    const password = dialog(page, "Change password");
    const old = password.getByLabel("Current password");
    const next = password.getByLabel("New password", { exact: true });
    const again = password.getByLabel("New password once more");
    await expect(old).toBeFocused();
    await expect(password).toContainText("Everywhere else you are signed out.");
    await page.keyboard.press("Enter");
    await expect(password.getByText("Fill in this field.")).toHaveCount(3);
    await old.fill("wrong");
    await next.fill("1234567");
    await again.fill("1234567");
    await page.keyboard.press("Enter");
    await expect(next).toHaveAccessibleDescription("Too short. At least 8 characters are needed.");
    await expect(next).toBeFocused();
    await expectAccessible(page);
    await next.fill("12345678");
    await page.keyboard.press("Enter");
    await expect(again).toHaveAccessibleDescription("This is not the same as the new password above.");
    await again.fill("12345678");
    await page.keyboard.press("Enter");
    await expect(old).toHaveAccessibleDescription("This is not your current password. Nothing was changed.");
    await expect(old).toBeFocused();
    await old.fill("right");
    await page.keyboard.press("Enter");
    await expect(password).toContainText("Your password is changed");
    await expect(password).toContainText("All your other sessions have ended.");
    await expect(password.getByRole("button", { name: "Done" })).toBeFocused();
    await expectAccessible(page);
    expect(hub.received.filter((r) => r.do === "password.change").map((r) => r.args)).toEqual([
      { old: "wrong", new: "12345678" },
      { old: "right", new: "12345678" },
    ]);
  });

  const signOut = async (page: Page) => {
    await page.getByRole("button", { name: /^Your status/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
  };

  test("signing out with everything sent asks nothing", async ({ page }) => {
    await open(page, new FakeHub(miraSnapshot()));
    await signOut(page);
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  });

  test("signing out asks before it loses what was not sent", async ({ page }) => {
    const hub = new FakeHub(miraSnapshot());
    await open(page, hub);
    await row(page, "Ana Novik").click();
    hub.refuse = { code: "denied", text: "No.", refusal: { gate: "personal", rule: "personal.startOff" } };
    await composer(page, "Ana Novik").fill("Not to be lost");
    await page.keyboard.press("Enter");
    await expect(page.getByText("Not sent:").first()).toBeVisible();
    await signOut(page);
    const question = dialog(page, "Sign out?");
    await expect(question).toContainText("1 message is not sent.");
    await expect(question.getByRole("button", { name: "Stay signed in" })).toBeFocused();
    await expectAccessible(page);
    await page.keyboard.press("Enter");
    await expect(question).toHaveCount(0);
    await expect(timeline(page, "Ana Novik").getByText("Not to be lost")).toBeVisible();
    await signOut(page);
    await question.getByRole("button", { name: "Sign out and lose it" }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  });

  test("on the desktop without a connection, drafts count too", async ({ page }) => {
    const hub = new FakeHub(miraSnapshot(), { replica: true });
    await hub.attach(page);
    await page.goto(`${ORIGIN}/#${"t".repeat(43)}`);
    await expect(row(page, "Ana Novik")).toBeVisible();
    hub.send({
      signals: [
        {
          type: "link",
          link: { state: "offline", sinceAt: Date.now(), nextTryAt: Date.now() + 60_000, server: "s" },
        },
      ],
    });
    await expect(page.getByText("Offline.")).toBeVisible();
    await signOut(page);
    await expect(dialog(page, "Sign out?")).toContainText("1 draft may not be with the server yet.");
    expect(hub.received.some((r) => r.do === "replica.signOut")).toBe(false);
  });

  test("signing out in a browser that cannot reach the server says so and changes nothing", async ({
    page,
  }) => {
    const hub = new FakeHub(miraSnapshot());
    await open(page, hub);
    await expect(row(page, "Ana Novik")).toBeVisible();
    await hub.cut();
    await expect(page.getByText("Offline.")).toBeVisible();
    await signOut(page);
    await expect(page.getByRole("alert")).toContainText("That needs the connection");
    await expect(row(page, "Ana Novik")).toBeVisible();
  });
});

test("a draft to somebody not yet written to, from another device, stands in the list", async ({ page }) => {
  const hub = new FakeHub(miraSnapshot());
  await open(page, hub);
  await expect(row(page, "Ana Novik")).toBeVisible();
  const draft = { conversationId: "d.bram.mira", text: "Can you take Sunday?", at: Date.now() };
  hub.events([{ type: "draft.changed", draft }]);
  await expect(row(page, "Bram Oosterveen")).toContainText("Draft: Can you take Sunday?");
  await row(page, "Bram Oosterveen").click();
  await expect(composer(page, "Bram Oosterveen")).toHaveText("Can you take Sunday?");
  await expect(page.getByText("The beginning of your conversation with Bram")).toBeVisible();
  await expect(page.getByText("1970")).toHaveCount(0);
  await expectAccessible(page);
});

test.describe("phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("the list, then the conversation, and back by the browser's own button", async ({ page }) => {
    await open(page, new FakeHub(liamSnapshot()));
    await expect(row(page, "Mira Castellar")).toBeVisible();
    await expectAccessible(page);
    await row(page, "Mira Castellar").tap();
    await composer(page, "Mira Castellar").fill("Lower left corner");
    await page.getByRole("button", { name: "Send" }).tap();
    await expect(timeline(page, "Mira Castellar").getByText("Lower left corner")).toBeVisible();
    await expectAccessible(page);
    await page.goBack();
    await expect(row(page, "Ana Novik")).toBeVisible();
  });

  test("targets are at least 44 pixels high", async ({ page }) => {
    await open(page, new FakeHub(liamSnapshot()));
    await row(page, "Mira Castellar").tap();
    await expect(composer(page, "Mira Castellar")).toBeVisible();
    for (const button of await page.getByRole("button").all()) {
      const box = await button.boundingBox();
      expect(box?.height, await button.innerHTML()).toBeGreaterThanOrEqual(44);
    }
  });

  for (const name of ["Your devices", "Change password"]) {
    test(`${name}: reached from the list, large enough for a thumb`, async ({ page }) => {
      const hub = new FakeHub(liamSnapshot());
      hub.sessions = threeSessions(Date.now());
      await open(page, hub);
      await page.getByRole("button", { name: "Settings" }).tap();
      await page.getByRole("button", { name }).tap();
      const dialog = page.getByRole("dialog", { name });
      await expect(dialog).toBeVisible();
      if (name === "Your devices") await expect(dialog.getByRole("listitem")).toHaveCount(3);
      await expectAccessible(page);
      for (const button of await dialog.getByRole("button").all()) {
        const box = await button.boundingBox();
        expect(box?.height, await button.innerHTML()).toBeGreaterThanOrEqual(44);
      }
    });
  }
});

for (const scheme of ["light", "dark"] as const) {
  test(`nothing for axe to say, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    const hub = new FakeHub(miraSnapshot());
    await open(page, hub);
    await row(page, "Ana Novik").click();
    await expect(composer(page, "Ana Novik")).toBeVisible();
    hub.say("d.mira.pia", "pia", "Ticket 20418 is closed.");
    hub.send({ signals: [{ type: "typing", conversationId: "d.ana.mira", userId: "ana", typing: true }] });
    await expect(tab(page, "Pia Manderley")).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Settings" }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await expectAccessible(page);
  });
}
