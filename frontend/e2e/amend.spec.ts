import { expect, test } from "@playwright/test";
import { expectAccessible, messages, openPage, picture, programs, row, signIn, write } from "./programs";

// Editing and deleting what one said, against the real server: `npm run build` first.

const { demo } = programs();

test("what one said is edited and taken back, by keys and by mouse; the other side sees that it was", async ({
  browser,
}) => {
  const [server, address] = await demo("127.0.0.1:0");
  const mira = await openPage(browser, address);
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  const liam = await openPage(browser, address, phone);
  await signIn(mira, "mira");
  await signIn(liam, "liam");
  await row(mira, "Liam Draycote").click();
  await row(liam, "Mira Castellan").tap();
  await write(mira, "Batch 88 is bakc");
  await expect(messages(liam).getByText("Batch 88 is bakc")).toBeVisible();

  await test.step("edited by keys alone", async () => {
    await expect(messages(mira).getByRole("img", { name: "Posted" }).last()).toBeVisible();
    await mira.getByRole("textbox", { name: /^Message to/ }).press("ArrowUp");
    const field = mira.getByRole("textbox", { name: "Edit your message" });
    await expect(field).toBeFocused();
    await expect(field).toHaveText("Batch 88 is bakc");
    await expectAccessible(mira);
    await picture(mira, "amend-editing");
    await field.fill("Batch 88 is back");
    await mira.keyboard.press("Enter");
    await expect(messages(mira).getByText("Batch 88 is back")).toBeVisible();
    await expect(mira.getByRole("textbox", { name: /^Message to/ })).toBeFocused();
    await expect(messages(liam).getByText("Batch 88 is back")).toBeVisible();
    await expect(messages(liam).getByText("Batch 88 is bakc")).toHaveCount(0);
  });

  await test.step("the other side reads what it was", async () => {
    await messages(liam).getByRole("button", { name: "edited" }).tap();
    const dialog = liam.getByRole("dialog", { name: "Versions of this message" });
    await expect(dialog.getByRole("listitem")).toHaveCount(2);
    await expect(dialog.getByRole("listitem").first()).toContainText("Batch 88 is back");
    await expect(dialog.getByRole("listitem").last()).toContainText("Batch 88 is bakc");
    await expectAccessible(liam);
    await picture(liam, "amend-versions-phone");
    await liam.getByRole("button", { name: "Close" }).tap();
  });

  await test.step("a draft stays while one edits; Escape leaves all as it was", async () => {
    await mira.getByRole("textbox", { name: /^Message to/ }).fill("half a thought");
    const mine = messages(mira).getByRole("group", { name: /^You/ }).last();
    await mine.hover();
    await mine.getByRole("button", { name: "Edit", exact: true }).click();
    await mira.getByRole("textbox", { name: "Edit your message" }).fill("never mind");
    await mira.keyboard.press("Escape");
    await expect(mira.getByRole("textbox", { name: /^Message to/ })).toHaveText("half a thought");
    await expect(messages(mira).getByText("never mind")).toHaveCount(0);
    await mira.getByRole("textbox", { name: /^Message to/ }).fill("");
  });

  await test.step("taken back by keys, from the message itself", async () => {
    await write(mira, "and Una is late again");
    await expect(messages(liam).getByText("and Una is late again")).toBeVisible();
    // Only what is posted can be taken back: until then the keys lead to the message before it.
    const last = messages(mira).getByRole("group", { name: /^You/ }).last();
    await expect(last).toContainText("and Una is late again");
    await messages(mira).focus();
    await mira.keyboard.press("ArrowUp");
    await expect(last).toBeFocused();
    await picture(mira, "amend-focused");
    await mira.keyboard.press("Delete");
    const dialog = mira.getByRole("dialog", { name: "Delete this message?" });
    await expect(dialog).toContainText("and Una is late again");
    await expectAccessible(mira);
    await picture(mira, "amend-delete");
    await dialog.getByRole("button", { name: "Delete" }).click();
    for (const page of [mira, liam]) {
      await expect(messages(page).getByText("Message deleted")).toBeVisible();
      await expect(page.getByText("and Una is late again")).toHaveCount(0);
    }
    await expectAccessible(mira);
    await mira.emulateMedia({ colorScheme: "dark" });
    await picture(mira, "amend-deleted-dark");
    await picture(liam, "amend-deleted-phone");
    // Others' messages have no such tools.
    await expect(messages(liam).getByRole("button", { name: "Delete" })).toHaveCount(0);
  });

  await test.step("without a connection nothing is changed, and that is said", async () => {
    await mira.getByRole("textbox", { name: /^Message to/ }).press("ArrowUp");
    const field = mira.getByRole("textbox", { name: "Edit your message" });
    await field.fill("Batch 88 is here");
    server.kill("SIGKILL");
    await expect(mira.getByText(/^Offline/)).toBeVisible();
    await field.press("Enter");
    await expect(mira.getByRole("alert").filter({ hasText: "There is no connection." })).toBeVisible();
    await expect(field).toHaveText("Batch 88 is here");
    await expect(messages(mira).getByText("Batch 88 is back")).toBeVisible();
  });
});
