import { expect, type Locator, type Page, test } from "@playwright/test";
import { expectAccessible, openPage, picture, programs, signIn } from "./programs";

// The administration against the real server, by keyboard: what an administrator does, and what those whom it touches see.

test.describe.configure({ mode: "serial" });
const { demo } = programs();

let address: string;
let tove: Page;
let nadja: Page;
let tomas: Page;

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let i = 0; i < 120; i++) {
    if (await target.evaluate((e) => e === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  await expect(target).toBeFocused();
}

async function press(page: Page, target: Locator, key = "Enter"): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

/** Goes somewhere by the palette. */
async function goTo(page: Page, words: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: /^Go to/ })).toBeFocused();
  await page.keyboard.type(words);
  await page.keyboard.press("Enter");
}

/** Goes to the agents by the palette, and opens the gear of the one who is found. */
async function openGear(page: Page, name: string): Promise<Locator> {
  await goTo(page, "teams queues");
  const search = page.getByRole("searchbox", { name: "Filter agents" });
  await tabTo(page, search);
  await search.fill("");
  await page.keyboard.type(name);
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("dialog", { name });
  await expect(drawer).toBeVisible();
  return drawer;
}

/** The row of somebody in the table of agents. */
const rowOf = (page: Page, name: string) => page.getByRole("row").filter({ hasText: name });

test("an administrator adds another, by keyboard", async ({ browser }) => {
  [, address] = await demo("127.0.0.1:0");
  tove = await openPage(browser, address);
  await signIn(tove, "tove");
  await press(tove, tove.getByRole("button", { name: "Administration" }));
  await press(tove, tove.getByRole("button", { name: "Add user" }));
  const drawer = tove.getByRole("dialog", { name: "Add user" });
  await tabTo(tove, drawer.getByLabel("Sign-in name"));
  await tove.keyboard.type("nadja");
  await tabTo(tove, drawer.getByLabel("First password"));
  await tove.keyboard.type("short");
  await tabTo(tove, drawer.getByLabel("Name", { exact: true }));
  await tove.keyboard.type("Nadja Brook");
  await press(tove, drawer.getByRole("combobox", { name: "Role" }), "a");
  await tove.keyboard.press("d");
  await expect(drawer.getByRole("combobox", { name: "Role" })).toHaveValue("administrator");
  await press(tove, drawer.getByRole("button", { name: "Add", exact: true }).last());
  await expect(drawer).toContainText("At least 8 characters");
  await expect(drawer.getByLabel("First password")).toBeFocused();
  await tove.keyboard.press("Control+a");
  await tove.keyboard.type("nadja-larchfield");
  await picture(tove, "admin-add-user");
  await press(tove, drawer.getByRole("button", { name: "Add", exact: true }).last());
  await expect(tove.getByRole("dialog", { name: "Nadja Brook" })).toContainText(
    "Nadja Brook is an administrator",
  );
  await expectAccessible(tove);
  await tove.keyboard.press("Escape");
  await expect(rowOf(tove, "Nadja Brook")).toContainText("Administrator");
});

test("the new administrator lets an agent start with one team: applied now, the agent's button comes alive", async ({
  browser,
}) => {
  tomas = await openPage(browser, address);
  await signIn(tomas, "tomas");
  await tomas.getByRole("navigation", { name: "Main" }).getByRole("button", { name: "People" }).click();
  await tomas.getByRole("listitem").filter({ hasText: "Pia Manderley" }).getByRole("button").click();
  const start = tomas
    .getByRole("article", { name: "Pia Manderley" })
    .getByRole("button", { name: "New message" });
  await expect(start).toBeDisabled();

  nadja = await openPage(browser, address);
  await signIn(nadja, "nadja");
  const drawer = await openGear(nadja, "Tomas Ellwart");
  await press(nadja, drawer.getByRole("switch", { name: "Start" }), " ");
  // It begins with nobody, and says so.
  await expect(drawer.getByRole("radio", { name: "Users" })).toBeChecked();
  await expect(drawer).toContainText("nobody is allowed");
  await tabTo(nadja, drawer.getByRole("radio", { name: "Users" }));
  await nadja.keyboard.press("ArrowRight");
  await expect(drawer.getByRole("radio", { name: "Teams" })).toBeChecked();
  await expect(drawer).toContainText("nobody is allowed");
  await tabTo(nadja, drawer.getByRole("listbox", { name: "Disallowed: Teams" }));
  await nadja.keyboard.press("Home");
  await nadja.keyboard.press("Enter");
  await expect(drawer.getByRole("listbox", { name: "Allowed: Teams", exact: true })).toContainText("Claims");
  await expect(drawer.getByRole("region", { name: "What changes" })).toContainText("gained");
  // Nothing changes until a button is pressed (IM-18).
  await expect(start).toBeDisabled();
  await picture(nadja, "admin-gear");
  await expectAccessible(nadja);
  await press(nadja, drawer.getByRole("button", { name: "Now", exact: true }));
  await expect(drawer).toContainText(/In force for Tomas Ellwart since .*Replies: On, Start: 1 team/);
  await expect(start).toBeEnabled();
  await expect(rowOf(nadja, "Tomas Ellwart")).toContainText("1 team");
  // The other administrator's table has followed.
  await expect(rowOf(tove, "Tomas Ellwart")).toContainText("1 team");
});

test("a change left for the next sign-in is pending on both sides, and in force after it", async ({
  browser,
}) => {
  const drawer = nadja.getByRole("dialog", { name: "Tomas Ellwart" });
  const replies = drawer.getByRole("switch", { name: "Replies" });
  await press(nadja, replies, " ");
  await press(nadja, drawer.getByRole("button", { name: "At next sign-in" }));
  await expect(rowOf(tove, "Tomas Ellwart")).toContainText("At next sign-in");
  await press(nadja, drawer.getByRole("button", { name: "Withdraw" }));
  await expect(replies).toBeChecked();
  await expect(drawer).not.toContainText("Takes effect at the next sign-in");
  await expect(rowOf(tove, "Tomas Ellwart")).not.toContainText("At next sign-in");

  await press(nadja, replies, " ");
  await press(nadja, drawer.getByRole("button", { name: "At next sign-in" }));
  await expect(drawer).toContainText("It waits for the next sign-in of Tomas Ellwart");
  await expect(drawer).toContainText("Takes effect at the next sign-in of Tomas Ellwart");
  await expect(rowOf(tove, "Tomas Ellwart")).toContainText("At next sign-in");
  await picture(nadja, "admin-pending");

  const own = tomas.getByRole("region", { name: "Your messaging" });
  await press(tomas, tomas.getByRole("button", { name: "Settings", exact: true }));
  await expect(own).toContainText(
    "From your next sign-in: You may read, not answer. You may write first to 1 team.",
  );
  await expect(own).toContainText("You may answer.");
  await expectAccessible(tomas);
  await picture(tomas, "admin-pending-own");

  const again = await openPage(browser, address);
  await signIn(again, "tomas");
  await press(again, again.getByRole("button", { name: "Settings", exact: true }));
  await expect(again.getByRole("region", { name: "Your messaging" })).toContainText(
    "You may read, not answer.",
  );
  // From then on in all of the user's sessions (IM-19).
  await expect(own).not.toContainText("From your next sign-in");
  await expect(own).toContainText("You may read, not answer.");
  await expect(drawer).not.toContainText("Takes effect at the next sign-in");
  await again.context().close();
});

test("two administrators change the same: who comes second sees who was first, and loses nothing", async () => {
  const mine = nadja.getByRole("dialog", { name: "Tomas Ellwart" });
  await press(nadja, mine.getByRole("switch", { name: "Start" }), " ");
  const theirs = await openGear(tove, "Tomas Ellwart");
  await press(tove, theirs.getByRole("switch", { name: "Replies" }), " ");
  await press(tove, theirs.getByRole("button", { name: "Now", exact: true }));

  // Another field: it is shown, and both changes hold.
  await expect(mine.getByRole("alert")).toContainText("Changed by Tove Almgard");
  await expect(mine.getByRole("alert")).toContainText("Replies is now: On");
  await expect(mine.getByRole("switch", { name: "Start" })).not.toBeChecked();
  await expect(mine.getByRole("switch", { name: "Replies" })).toBeChecked();
  await picture(nadja, "admin-conflict");
  await expectAccessible(nadja);
  await press(nadja, mine.getByRole("button", { name: "Go on" }));

  // The same field: it is asked.
  await press(nadja, mine.getByRole("switch", { name: "Start" }), " ");
  await tabTo(nadja, mine.getByRole("radio", { name: "Teams" }));
  await nadja.keyboard.press("ArrowRight");
  await tabTo(tove, theirs.getByRole("radio", { name: "Teams" }));
  await tove.keyboard.press("ArrowLeft");
  await tove.keyboard.press("ArrowLeft");
  await press(tove, theirs.getByRole("button", { name: "Now", exact: true }));
  await expect(mine.getByRole("alert")).toContainText("Whom Start allows is now: Everyone");
  await expect(mine.getByRole("radio", { name: "Roles" })).toBeChecked();
  await expect(mine.getByRole("button", { name: "At next sign-in" })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  await press(nadja, mine.getByRole("button", { name: "Keep mine" }));
  await expect(mine.getByRole("radio", { name: "Roles" })).toBeChecked();
  await press(nadja, mine.getByRole("button", { name: "Now", exact: true }));
  await expect(rowOf(tove, "Tomas Ellwart")).toContainText("0 roles");
});

test("closing with changes asks; looking elsewhere keeps them", async () => {
  const drawer = await openGear(nadja, "Ana Novik");
  await press(nadja, drawer.getByRole("switch", { name: "Replies" }), " ");
  await nadja.keyboard.press("Escape");
  const question = nadja.getByRole("dialog", { name: "Give up your changes?" });
  await expect(question).toBeVisible();
  await nadja.keyboard.press("Escape");
  await expect(question).toHaveCount(0);
  await expect(drawer.getByRole("switch", { name: "Replies" })).not.toBeChecked();

  await press(nadja, nadja.getByRole("button", { name: "Conversations" }));
  await expect(drawer).toHaveCount(0);
  await openGear(nadja, "Ana Novik");
  await expect(drawer.getByRole("switch", { name: "Replies" })).not.toBeChecked();
  await nadja.keyboard.press("Escape");
  await press(nadja, question.getByRole("button", { name: "Give up changes" }));
  await expect(drawer).toHaveCount(0);
  await expect(rowOf(nadja, "Ana Novik")).toContainText("On");
});

test("agent features: nothing changes until Save, which says what it does", async () => {
  await goTo(nadja, "superiors");
  await tabTo(nadja, nadja.getByRole("radio", { name: /^As each user/ }));
  await nadja.keyboard.press("ArrowDown");
  await expect(
    nadja.getByText("Saving puts “Superiors only” in force for everybody, at once."),
  ).toBeVisible();
  await expect(nadja.getByRole("region", { name: "What changes" })).toContainText("lost");
  await picture(nadja, "admin-features");
  await expectAccessible(nadja);
  await press(nadja, nadja.getByRole("button", { name: "Save" }));
  await expect(nadja.getByText(/^Saved at .*in force/)).toBeVisible();
  // The others' form follows at once.
  await goTo(tove, "reply window");
  await expect(tove.getByRole("radio", { name: /^Superiors only/ })).toBeChecked();
});

test("many users are changed at once, teams have members, in the dark and on a phone", async () => {
  await nadja.emulateMedia({ colorScheme: "dark" });
  await nadja.getByRole("button", { name: "Agents, Teams and Queues" }).click();
  await nadja.getByRole("combobox", { name: "Role" }).selectOption("expert");
  await nadja.getByRole("checkbox", { name: "Choose all shown" }).check();
  const bulk = nadja.getByRole("region", { name: "Change all chosen" });
  await bulk.getByRole("combobox", { name: "Team", exact: true }).fill("Workshop");
  await bulk.getByRole("button", { name: "Change 6 users" }).click();
  await expect(bulk).toContainText("6 of 6 changed");
  await expect(rowOf(nadja, "Winnie Yarrow")).toContainText("Workshop");
  await picture(nadja, "admin-bulk-dark");
  await expectAccessible(nadja);
  await nadja.getByRole("button", { name: /^Teams \d/ }).click();
  await nadja.getByRole("button", { name: /^Workshop/ }).click();
  const members = nadja.getByRole("dialog", { name: "Workshop" });
  await members.getByRole("option", { name: /Winnie/ }).dblclick();
  await members.getByRole("button", { name: "Save" }).click();
  await expect(members).toContainText("5 people");
  await expectAccessible(nadja);
  await picture(nadja, "admin-members-dark");
  await nadja.setViewportSize({ width: 390, height: 844 });
  await expectAccessible(nadja);
  await picture(nadja, "admin-members-phone");
});
