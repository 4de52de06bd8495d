import { expect, type Page, test } from "@playwright/test";
import { command, expectAccessible, messages, openPage, picture, programs, row, signIn } from "./programs";

// Templates, and the preview before sending, against the real server and the real desktop core: `npm run build` first.

const { demo, path, start } = programs();

// Each walk is long; a busy machine must not end it.
test.describe.configure({ timeout: 360_000 });

async function openTemplates(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Administration" }).click();
  await page
    .getByRole("navigation", { name: "Settings pages" })
    .getByRole("button", { name: "Templates", exact: true })
    .click();
}

const composer = (page: Page) => page.getByRole("textbox", { name: /^Message to/ });
const proposed = (page: Page) => page.getByRole("listbox", { name: "Templates" });

/** Makes a template as another program would. */
async function make(page: Page, content: object): Promise<string> {
  const id = crypto.randomUUID();
  expect((await command(page, "template.create", { id, content })).error).toBeUndefined();
  return id;
}

test("an administrator keeps templates; what cannot be used is not saved, and nobody's change is lost", async ({
  browser,
}) => {
  const [, address] = await demo("127.0.0.1:0", "kept");
  const tove = await openPage(browser, address);
  const again = await openPage(browser, address);
  await signIn(tove, "tove");
  await signIn(again, "tove");
  await openTemplates(tove);
  await expect(tove.getByText("No templates yet")).toBeVisible();
  await expectAccessible(tove);

  await tove.getByRole("button", { name: "New template" }).click();
  const drawer = tove.getByRole("dialog", { name: "New template" });
  const text = drawer.getByRole("textbox", { name: "Text" });
  const create = drawer.getByRole("button", { name: "Create template" });
  await test.step("an unknown placeholder, and too much", async () => {
    await drawer.getByLabel("Name").fill("Greeting");
    await drawer.getByLabel("Shortcut").fill("hi");
    await text.fill("Dear {{customer}}");
    await expect(drawer.getByRole("alert")).toContainText("{{customer}} is no placeholder");
    await expect(create).toHaveAttribute("aria-disabled", "true");
    await text.fill("x".repeat(4001));
    await expect(drawer.getByRole("alert")).toContainText("more than 4,000 characters");
    const refused = await command(tove, "template.create", {
      id: crypto.randomUUID(),
      content: { name: "x", text: "{{customer}}" },
    });
    expect(refused.error?.code).toBe("invalid");
  });
  await test.step("placeholders are chips, chosen or typed; a file goes along", async () => {
    await text.fill("");
    await text.pressSequentially("Good day, {{otherName}}");
    await expect(text).toHaveText("Good day, Name of the other");
    await text.pressSequentially("! It is ");
    await drawer.getByRole("button", { name: "Placeholder" }).click();
    await expect(tove.getByRole("menuitem", { name: "Date" })).toBeVisible();
    await expectAccessible(tove);
    await picture(tove, "templates-placeholders");
    await tove.getByRole("menuitem", { name: "Date" }).click();
    await drawer.locator("[data-attach]").setInputFiles({
      name: "terms.txt",
      mimeType: "text/plain",
      buffer: Buffer.from("Our terms"),
    });
    await expect(drawer.getByRole("list", { name: "Files of this message" })).toContainText("terms.txt");
    await expectAccessible(tove);
    await picture(tove, "templates-editor");
    await create.click();
    await expect(tove.getByRole("cell", { name: "/hi" })).toBeVisible();
  });
  await test.step("for some teams: at least one", async () => {
    await tove.getByRole("button", { name: "New template" }).click();
    await drawer.getByLabel("Name").fill("Night shift");
    await text.fill("We answer in the morning.");
    await drawer.getByRole("radio", { name: "Some teams and queues" }).click();
    await expect(drawer.getByText("Choose at least one team or queue, or everybody.")).toBeVisible();
    await drawer.getByRole("option").first().dblclick();
    await expectAccessible(tove);
    await picture(tove, "templates-scope");
    await create.click();
    await expect(tove.getByRole("button", { name: "Night shift" })).toBeVisible();
    await expectAccessible(tove);
    await picture(tove, "templates-list");
  });
  await test.step("two at once: what somebody else changed is told, and one decides", async () => {
    await openTemplates(again);
    for (const page of [tove, again]) await page.getByRole("button", { name: "Greeting" }).click();
    const mine = tove.getByRole("dialog", { name: "Greeting" });
    const theirs = again.getByRole("dialog", { name: "Greeting" });
    await mine.getByLabel("Shortcut").fill("hello");
    await theirs.getByLabel("Shortcut").fill("day");
    await theirs.getByRole("button", { name: "Save", exact: true }).click();
    await expect(theirs.getByText("Nothing is changed.")).toBeVisible();
    await expect(mine.getByRole("alert")).toContainText("day");
    await expect(mine.getByRole("button", { name: "Save", exact: true })).toHaveAttribute(
      "aria-disabled",
      "true",
    );
    await mine.getByRole("button", { name: "Keep mine" }).click();
    await mine.getByRole("button", { name: "Save", exact: true }).click();
    await expect(tove.getByRole("cell", { name: "/hello" })).toBeVisible();
    await expect(theirs.getByLabel("Shortcut")).toHaveValue("hello");
  });
  await test.step("the search finds by words, and a deleted one is gone", async () => {
    await tove.getByRole("button", { name: "Close" }).click();
    const search = tove.getByRole("searchbox", { name: "Search templates" });
    await search.fill("morning");
    await expect(tove.getByRole("row")).toHaveCount(2);
    await search.press("Enter");
    await tove.getByRole("dialog").getByRole("button", { name: "Delete template" }).click();
    const sure = tove.getByRole("dialog", { name: "Delete “Night shift”?" });
    await sure.getByRole("button", { name: "Delete template" }).click();
    await expect(tove.getByText("Nothing found for “morning”")).toBeVisible();
    await tove.emulateMedia({ colorScheme: "dark" });
    await search.fill("");
    await expectAccessible(tove);
    await picture(tove, "templates-dark");
  });
});

test("templates are used with / and with the button, filled in, with their files; others' are not there", async ({
  browser,
}) => {
  const [, address] = await demo("127.0.0.1:0", "used");
  const tove = await openPage(browser, address);
  const mira = await openPage(browser, address);
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  const liam = await openPage(browser, address, phone);
  await signIn(tove, "tove");
  await signIn(mira, "mira");
  await signIn(liam, "liam");
  await row(mira, "Liam Draycote").click();
  await test.step("none yet", async () => {
    await mira.getByRole("button", { name: "Templates" }).click();
    await expect(mira.getByText("There are no templates for you yet.")).toBeVisible();
    await mira.keyboard.press("Escape");
    await mira.mouse.move(0, 0); // no hint lies over the page
  });
  const bold = { type: "text", text: "{{otherFirstName}}", marks: [{ type: "bold" }] };
  const paragraph = { type: "paragraph", content: [{ type: "text", text: "Good day, " }, bold] };
  await make(tove, {
    name: "Greeting",
    shortcut: "hi",
    document: { type: "doc", content: [paragraph] },
  });
  await make(tove, { name: "Farewell", text: "Kind regards, {{myName}}, {{organisation}}" });
  const hidden = await command<{ teamId: string }>(tove, "team.create", { name: "Nobody is in it" });
  await make(tove, { name: "Secret of others", text: "x", teamIds: [hidden.ok?.teamId] });

  await test.step("/ proposes; letters narrow it down; Escape leaves what was typed", async () => {
    await composer(mira).pressSequentially("One moment. /");
    await expect(proposed(mira).getByRole("option")).toHaveCount(2);
    await mira.keyboard.press("ArrowDown");
    await expect(mira.getByRole("region", { name: "What Greeting says here" })).toContainText(
      "Good day, Liam",
    );
    await expectAccessible(mira);
    await picture(mira, "templates-slash");
    await mira.keyboard.press("Escape");
    await expect(proposed(mira)).toHaveCount(0);
    await composer(mira).pressSequentially("h");
    await expect(proposed(mira).getByRole("option")).toHaveCount(1);
    await mira.keyboard.press("Enter");
    await expect(composer(mira)).toHaveText("One moment. Good day, Liam");
    await expect(composer(mira).locator("strong")).toHaveText("Liam");
    await mira.keyboard.type(", hello");
  });
  await test.step("the preview shows it as it will be, by the keyboard", async () => {
    await mira.keyboard.press("Control+Shift+X");
    const preview = mira.getByRole("region", { name: "How your message will be shown" });
    await expect(preview).toBeFocused();
    await expect(preview.locator("strong")).toHaveText("Liam");
    await expect(composer(mira)).toBeHidden();
    await expectAccessible(mira);
    await picture(mira, "preview");
    await mira.keyboard.press("Escape");
    await expect(composer(mira)).toBeFocused();
    await expect(composer(mira)).toHaveText("One moment. Good day, Liam, hello");
    await mira.getByRole("button", { name: "Preview" }).click();
    await mira.getByRole("button", { name: "Send", exact: true }).click();
    await expect(preview).toHaveCount(0);
    await expect(messages(mira).getByText("One moment. Good day,")).toBeVisible();
    await expect(composer(mira)).toBeVisible();
  });
  await test.step("an expert, on a phone, gets the words alone", async () => {
    await row(liam, "Mira Castellan").tap();
    await expect(messages(liam).getByText("One moment. Good day,")).toBeVisible();
    await liam.getByRole("button", { name: "Templates" }).tap();
    const search = liam.getByRole("combobox", { name: "Search templates" });
    await search.fill("fare");
    await expectAccessible(liam);
    await picture(liam, "templates-phone");
    await search.press("Enter");
    await expect(composer(liam)).toHaveValue("Kind regards, Liam Draycote, Larchfield Home");
    await liam.getByRole("button", { name: "Preview" }).tap();
    const preview = liam.getByRole("region", { name: "How your message will be shown" });
    await expect(preview).toContainText("Kind regards, Liam Draycote");
    await expectAccessible(liam);
    await picture(liam, "preview-phone");
    await liam.getByRole("button", { name: "Send", exact: true }).tap();
    await expect(messages(mira).getByText("Kind regards, Liam Draycote")).toBeVisible();
  });
});

test("a template's file goes along without being sent again; one that is gone is told, and the desktop uses templates offline", async ({
  browser,
}) => {
  let [server, address] = await demo("127.0.0.1:0", "files");
  const tove = await openPage(browser, address);
  await signIn(tove, "tove");
  await openTemplates(tove);
  await tove.getByRole("button", { name: "New template" }).click();
  const drawer = tove.getByRole("dialog", { name: "New template" });
  await drawer.getByLabel("Name").fill("Terms");
  await drawer.getByRole("textbox", { name: "Text" }).fill("Our terms");
  await drawer.locator("[data-attach]").setInputFiles({
    name: "terms.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("Our terms, in full"),
  });
  await drawer.getByRole("button", { name: "Create template" }).click();
  await expect(tove.getByRole("button", { name: "Terms" })).toBeVisible();

  const [, core] = await start(
    "parley-core",
    ["--profile", path("desk"), "--server", address, "--sign-in", "mira", "--key-file"],
    { PARLEY_PASSWORD: "mira-larchfield" },
  );
  const mira = await openPage(browser, core);
  await row(mira, "Liam Draycote").click();
  const use = async () => {
    await composer(mira).pressSequentially("/ter");
    await expect(proposed(mira).getByRole("option")).toHaveCount(1);
    await mira.keyboard.press("Enter");
    await expect(mira.getByRole("list", { name: "Files of this message" })).toContainText("terms.txt");
  };
  const file = messages(mira).getByRole("link", { name: /^Save terms.txt/ });
  await test.step("online", async () => {
    await use();
    await mira.keyboard.press("Enter");
    await expect(file).toHaveCount(1);
  });
  await test.step("offline: chosen, filled in, kept, and sent when the connection is back", async () => {
    server.kill("SIGKILL");
    await expect(mira.getByRole("region", { name: "Connection" })).toContainText("Offline");
    await mira.reload();
    await row(mira, "Liam Draycote").click();
    await use();
    await picture(mira, "templates-offline");
    await mira.keyboard.press("Enter");
    await expect(mira.getByText("Offline: 1 message waits.")).toBeVisible();
    [server] = await demo(new URL(address).host, "files");
    await expect(file).toHaveCount(2, { timeout: 60_000 });
  });
  await test.step("the file is gone: the message says so, and its words can be taken back", async () => {
    await use();
    const { ok } = await command<{ templates: { template: { id: string }; revision: number }[] }>(
      tove,
      "template.list",
      {},
    );
    const known = ok?.templates[0];
    await command(tove, "template.delete", { id: known?.template.id, revision: known?.revision });
    await mira.keyboard.press("Enter");
    await expect(messages(mira).getByText(/^Not sent: A file of this message/)).toBeVisible();
    await messages(mira).getByRole("button", { name: "Write again" }).click();
    await expect(composer(mira)).toHaveText("Our terms");
    await expect(mira.getByRole("list", { name: "Files of this message" })).toHaveCount(0);
  });
});
