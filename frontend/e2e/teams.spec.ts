import { expect, test } from "@playwright/test";
import { expectAccessible, openPage, picture, programs, signIn } from "./programs";

// Teams, groups and queues with the real server (IM-20, EXP-20, EXP-21): `npm run build` first.

const { demo } = programs();

test("an administrator makes, renames and deletes teams, groups and queues; what is in use stays", async ({
  browser,
}) => {
  const [, address] = await demo("127.0.0.1:0");
  const tove = await openPage(browser, address);
  const other = await openPage(browser, address); // a second window of the same administrator
  for (const page of [tove, other]) {
    await signIn(page, "tove");
    await page
      .getByRole("navigation", { name: "Main" })
      .getByRole("button", { name: "Administration" })
      .click();
  }
  const tab = (page: typeof tove, name: string) =>
    page
      .getByRole("navigation", { name: "Agents, Teams and Queues" })
      .getByRole("button", { name: new RegExp(`^${name}`) })
      .click();
  const dialog = (name: string) => tove.getByRole("dialog", { name });
  const item = (page: typeof tove, name: string) => page.getByRole("listitem").filter({ hasText: name });

  await test.step("a team comes, is told to the other window, and is refused a name that is taken", async () => {
    await tab(tove, "Teams");
    await tab(other, "Teams");
    await tove.getByRole("button", { name: "New team" }).click();
    await tove.keyboard.press("Enter");
    await expect(dialog("New team")).toContainText("Give it a name.");
    await tove.keyboard.type("claims");
    await tove.keyboard.press("Enter");
    await expect(dialog("New team").getByRole("alert")).toContainText("choose another name");
    await picture(tove, "team-new");
    await expectAccessible(tove);
    await dialog("New team").getByLabel("Name").fill("Night shift");
    await tove.keyboard.press("Enter");
    await expect(dialog("New team")).toBeHidden();
    await expect(item(other, "Night shift")).toBeVisible();
  });

  await test.step("it is renamed, then somebody else changes it while one looks at the question", async () => {
    await item(tove, "Night shift").getByRole("button").click();
    await tove.getByRole("button", { name: "Rename" }).click();
    await dialog("Change Night shift").getByLabel("Name").fill("Late shift");
    await tove.keyboard.press("Enter");
    await expect(dialog("Late shift")).toBeVisible();
    await expectAccessible(tove);
    await picture(tove, "team-open");
    await tove.getByRole("button", { name: "Delete", exact: true }).click();
    await item(other, "Late shift").getByRole("button").click();
    await other.getByRole("button", { name: "Rename" }).click();
    await other.getByRole("dialog", { name: "Change Late shift" }).getByLabel("Name").fill("Dawn shift");
    await other.keyboard.press("Enter");
    await expect(other.getByRole("dialog", { name: "Dawn shift" })).toBeVisible();
    // The question follows what it is about, so nobody deletes under an old name.
    await dialog("Delete Dawn shift?").getByRole("button", { name: "Delete" }).click();
    await expect(item(other, "Dawn shift")).toBeHidden();
  });

  await test.step("a team with members says who is in the way", async () => {
    await item(tove, "Claims").getByRole("button").click();
    await tove.getByRole("button", { name: "Delete", exact: true }).click();
    const question = dialog("Delete Claims?");
    await expect(question).toContainText("users are still in it");
    await expect(question.getByRole("button", { name: "Delete" })).toHaveCount(0);
    await expectAccessible(tove);
    await picture(tove, "team-in-use");
    await question.getByRole("button", { name: "Close" }).last().click();
    await dialog("Claims").getByRole("button", { name: "Close" }).click();
  });

  await test.step("a queue, and the team that serves it", async () => {
    await tab(tove, "Queues");
    await expect(tove.getByText("No queues yet")).toBeVisible();
    await tove.getByRole("button", { name: "New queue" }).click();
    await dialog("New queue").getByLabel("Name").fill("Damaged goods");
    await dialog("New queue").getByLabel("Claims").check();
    await picture(tove, "queue-new");
    await dialog("New queue").getByRole("button", { name: "Create" }).click();
    await item(tove, "Damaged goods").getByRole("button").click();
    await expect(dialog("Damaged goods")).toContainText("Claims");
    await expectAccessible(tove);
    await picture(tove, "queue-open");
    await tove.getByRole("button", { name: "Delete", exact: true }).click();
    await dialog("Delete Damaged goods?").getByRole("button", { name: "Delete" }).click();
    await expect(tove.getByText("No queues yet")).toBeVisible();
  });

  await test.step("a group becomes the default and stays", async () => {
    await tab(tove, "Groups");
    await tove.getByRole("button", { name: "New group" }).click();
    await dialog("New group").getByLabel("Name").fill("Harbour");
    await dialog("New group").getByLabel("Kind").selectOption("organisational");
    await dialog("New group").getByRole("button", { name: "Create" }).click();
    await item(tove, "Harbour").getByRole("button").click();
    await tove.getByRole("button", { name: "Make default" }).click();
    await expect(dialog("Harbour")).toContainText("it cannot be deleted");
    await expect(item(tove, "Harbour (default)")).toBeVisible();
    await expect(tove.getByRole("button", { name: "Delete", exact: true })).toHaveCount(0);
    await expectAccessible(tove);
    await picture(tove, "group-default");
  });
});
