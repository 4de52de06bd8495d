import { expect, test } from "@playwright/test";
import { expectAccessible, openPage, picture, programs, row, signIn, write } from "./programs";

// Monitoring (EXP-17) against the real server: an administrator names a supervisor, who reads and follows until it ends.

const { demo } = programs();

test("a supervisor follows a conversation of their group, visibly, until the administrator ends it", async ({
  browser,
}) => {
  const [, address] = await demo("127.0.0.1:0");
  const admin = await openPage(browser, address);
  await signIn(admin, "tove");
  const supervisor = await openPage(browser, address);
  await signIn(supervisor, "sigrun");
  await supervisor
    .getByRole("navigation", { name: "Main" })
    .getByRole("button", { name: "Monitoring" })
    .click();
  await expect(supervisor.getByText("No group yet")).toBeVisible();

  await admin
    .getByRole("navigation", { name: "Main" })
    .getByRole("button", { name: "Administration" })
    .click();
  await admin.getByRole("searchbox", { name: "Quick Find" }).fill("transcripts");
  await admin.getByRole("searchbox", { name: "Quick Find" }).press("Enter");
  await admin.getByLabel("Group").selectOption({ label: "North" });
  await admin.getByRole("checkbox", { name: "Sigrun Halloway: Read transcripts" }).check();
  await admin.getByRole("checkbox", { name: "Sigrun Halloway: Follow live" }).check();
  await admin.getByRole("switch").click();
  await expect(admin.getByRole("switch")).toBeChecked();
  await expectAccessible(admin);
  await picture(admin, "monitoring-rules");
  await admin.getByRole("button", { name: "Save" }).click();
  await expect(admin.getByText(/^Saved at/)).toBeVisible();

  const list = supervisor.getByRole("region", { name: "Monitoring" });
  await expect(list.getByText("Groups: North")).toBeVisible();
  await supervisor.getByRole("searchbox", { name: "Search participants" }).fill("Liam");
  const mira = await openPage(browser, address);
  await signIn(mira, "mira");
  await row(mira, "Liam Draycote").click();
  await list.getByRole("button", { name: /Mira Castellan · Liam Draycote/ }).click();
  await expect(supervisor.getByText("you are following a conversation of others, live")).toBeVisible();
  await expect(mira.getByText("Sigrun Halloway is following this conversation")).toBeVisible();
  await write(mira, "The crate is on its way back.");
  const lines = supervisor.getByRole("region", { name: "Messages of the conversation you are monitoring" });
  await expect(lines.getByText("The crate is on its way back.")).toBeVisible();
  await expect(supervisor.getByRole("textbox")).toHaveCount(0);
  await expectAccessible(supervisor);
  await expectAccessible(mira);
  await picture(supervisor, "monitoring-live");
  await picture(mira, "monitoring-watched");
  await supervisor.emulateMedia({ colorScheme: "dark" });
  await picture(supervisor, "monitoring-live-dark");

  await admin.getByRole("checkbox", { name: "Sigrun Halloway: Follow live" }).uncheck();
  await admin.getByRole("button", { name: "Save" }).click();
  await expect(supervisor.getByText("You may no longer follow this conversation")).toBeVisible();
  await expect(mira.getByText("Sigrun Halloway is following this conversation")).toHaveCount(0);
  await write(mira, "After the end.");
  await expect(lines.getByText("After the end.")).toHaveCount(0);
});
