import { expect, type Page, test } from "@playwright/test";
import { expectAccessible, openPage, picture, programs, signIn } from "./programs";

// Permission sets and licenses against the real server: `npm run build` first.

const { demo } = programs();

async function openAdmin(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Administration" }).click();
  await page
    .getByRole("navigation", { name: "Settings pages" })
    .getByRole("button", { name, exact: true })
    .click();
}

test("a set is made, cloned, compared and assigned; its holder administers at once, within its rights, until it is taken", async ({
  browser,
}) => {
  const [, address] = await demo("127.0.0.1:0");
  const tove = await openPage(browser, address);
  const sigrun = await openPage(browser, address);
  await signIn(tove, "tove");
  await signIn(sigrun, "sigrun");
  await expect(sigrun.getByRole("button", { name: "Administration" })).toHaveCount(0);

  await test.step("made, with the API name filled in from the label", async () => {
    await openAdmin(tove, "Permission sets");
    await expect(tove.getByText("There are no permission sets")).toBeVisible();
    await tove.getByRole("button", { name: "New permission set" }).click();
    const drawer = tove.getByRole("dialog", { name: "New permission set" });
    await drawer.getByLabel("Label").fill("Service desk");
    await expect(drawer.getByLabel("API name")).toHaveValue("Service_desk");
    await drawer.getByLabel("API name").fill("2nd");
    await expect(drawer.getByText(/begins with a letter/).first()).toBeVisible();
    await drawer.getByLabel("API name").fill("Desk");
    await drawer.getByRole("combobox", { name: "Messaging sessions" }).selectOption("Team or queue");
    await drawer.getByLabel("Messaging Agent").check();
    await drawer.getByLabel("Manage Internal Users").check();
    await drawer.getByLabel("View Setup and Configuration").check();
    await expect(drawer.getByText(/Assign them one by one/)).toBeVisible();
    await drawer.getByRole("option", { name: "Available" }).dblclick();
    await drawer.getByRole("option", { name: "On break" }).dblclick();
    await expectAccessible(tove);
    await picture(tove, "sets-editor");
    await drawer.getByRole("button", { name: "Create" }).click();
    await expect(tove.getByRole("cell", { name: "Desk", exact: true })).toBeVisible();
  });

  await test.step("a set tied to a license offers no app permissions", async () => {
    await tove.getByRole("button", { name: "Service desk" }).click();
    const drawer = tove.getByRole("dialog", { name: "Service desk" });
    await expect(drawer.getByLabel("API name")).toHaveAttribute("readonly", "");
    await drawer.getByRole("combobox", { name: "License" }).selectOption("Messaging User");
    await expect(drawer.getByLabel("Messaging Agent")).toHaveCount(0);
    await drawer.getByRole("button", { name: "Cancel" }).click();
    await expect(drawer.getByLabel("Messaging Agent")).toBeChecked();
    await drawer.getByRole("button", { name: "Clone" }).click();
    const clone = tove.getByRole("dialog", { name: "Clone Service desk" });
    await clone.getByLabel("Label").fill("Night shift");
    await clone.getByRole("button", { name: "Clone" }).click();
    await expect(tove.getByRole("cell", { name: "Night_shift", exact: true })).toBeVisible();
  });

  await test.step("two are compared", async () => {
    await tove.getByRole("button", { name: "Night shift" }).click();
    const drawer = tove.getByRole("dialog", { name: "Night shift" });
    await drawer.getByLabel("Run Flows").check();
    await drawer.getByRole("button", { name: "Save" }).click();
    await expect(drawer.getByText(/^Saved at/)).toBeVisible();
    await drawer.getByRole("button", { name: "Close" }).click();
    await tove.getByLabel("Choose Service desk").check();
    await tove.getByLabel("Choose Night shift").check();
    await picture(tove, "sets-list");
    await expectAccessible(tove);
    await tove.getByRole("button", { name: "Compare" }).click();
    const dialog = tove.getByRole("dialog", { name: "Two permission sets compared" });
    await expect(dialog.getByRole("row")).toHaveCount(2);
    await expect(dialog.getByRole("row", { name: /Run Flows/ })).toContainText("Yes");
    await dialog.getByLabel("Show also what is the same").check();
    await expect(dialog.getByRole("row", { name: /Messaging Agent/ })).toBeVisible();
    await picture(tove, "sets-compare");
    await expectAccessible(tove);
    await tove.keyboard.press("Escape");
  });

  await test.step("assigned on the user's page by the Enabled list, at once", async () => {
    await openAdmin(tove, "Agents, Teams and Queues");
    await tove.getByLabel("Filter agents").fill("sigrun");
    await tove.keyboard.press("Enter");
    const drawer = tove.getByRole("dialog", { name: /Sigrun/ });
    await drawer.getByRole("button", { name: "License and sets" }).click();
    await drawer.getByRole("option", { name: /Service desk/ }).dblclick();
    await drawer.getByRole("switch", { name: "Messaging User" }).click();
    await picture(tove, "sets-assign");
    await expectAccessible(tove);
    await drawer.getByRole("button", { name: "Save" }).click();
    await expect(drawer.getByText(/^Saved at/)).toBeVisible();
    await expect(sigrun.getByRole("button", { name: "Administration" })).toBeVisible();
  });

  await test.step("the holder sees the pages that are given, and administrators' accounts stay closed", async () => {
    await openAdmin(sigrun, "Agents, Teams and Queues");
    const nav = sigrun.getByRole("navigation", { name: "Settings pages" });
    await expect(nav.getByRole("button")).toHaveCount(3);
    for (const [name, refused] of [
      ["idris", true],
      ["liam", false],
    ] as const) {
      await sigrun.getByLabel("Filter agents").fill(name);
      await sigrun.keyboard.press("Enter");
      const drawer = sigrun.getByRole("dialog");
      await drawer.getByRole("button", { name: "Account" }).click();
      await drawer.getByLabel("Title").fill("Seen to");
      await drawer.getByRole("button", { name: "Save" }).click();
      if (refused) await expect(drawer.getByText(/rights that you lack yourself/)).toBeVisible();
      else await expect(drawer.getByText(/^Saved at/)).toBeVisible();
      await drawer.getByRole("button", { name: "Close" }).click();
      if (refused) await sigrun.getByRole("button", { name: "Give up changes" }).click();
    }
  });

  await test.step("only the statuses that the set names can be chosen", async () => {
    await sigrun
      .getByRole("button", { name: /^Your status/ })
      .first()
      .click();
    const menu = sigrun.getByRole("menu");
    await expect(menu.getByRole("menuitem", { name: /Available/ })).toBeVisible();
    await expect(menu.getByRole("menuitem", { name: /Working offline/ })).toHaveCount(0);
    await sigrun.keyboard.press("Escape");
  });

  await test.step("many at once, and the edition with its assistant", async () => {
    await openAdmin(tove, "Licenses");
    await tove.getByLabel("Choose Jonas Veldt").check();
    await tove.getByLabel("Choose Pia Manderley").check();
    await tove.getByRole("button", { name: "License and sets of 2 users" }).click();
    const drawer = tove.getByRole("dialog", { name: "License and sets of 2 users" });
    await drawer.getByRole("switch", { name: "Messaging User" }).click();
    await drawer.getByRole("option", { name: /Night shift/ }).dblclick();
    await drawer.getByRole("button", { name: "Save" }).click();
    await expect(drawer.getByText(/^Saved at/)).toBeVisible();
    await drawer.getByRole("button", { name: "Close" }).click();
    await expect(tove.getByText("3 users hold Messaging User.")).toBeVisible();
    await picture(tove, "licenses");
    await expectAccessible(tove);
    await tove.getByRole("radio", { name: "Contact Center" }).click();
    const dialog = tove.getByRole("dialog", { name: "Change to Contact Center" });
    await expect(dialog.getByRole("list", { name: "Users" }).getByRole("listitem")).toHaveCount(3);
    await picture(tove, "licenses-migration");
    await expectAccessible(tove);
    await dialog.getByRole("button", { name: "Change edition and redo them" }).click();
    await expect(tove.getByText("3 users hold Messaging Unlimited.")).toBeVisible();
  });

  await test.step("deleted: what it gave ends at once", async () => {
    await openAdmin(tove, "Permission sets");
    await tove.getByRole("button", { name: "Service desk" }).click();
    const drawer = tove.getByRole("dialog", { name: "Service desk" });
    await expect(drawer.getByText(/Sigrun/)).toBeVisible();
    await drawer.getByRole("button", { name: "Delete" }).click();
    const dialog = tove.getByRole("dialog", { name: "Delete Service desk?" });
    await dialog.getByRole("button", { name: "Delete" }).click();
    await expect(sigrun.getByRole("button", { name: "Administration" })).toHaveCount(0);
  });
});
