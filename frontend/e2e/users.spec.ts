import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import { expectAccessible, openPage, picture, programs, signIn } from "./programs";

// Users as CSV with the real server: `npm run build` first.

const { demo } = programs();

async function openAgents(page: Page) {
  await page
    .getByRole("navigation", { name: "Main" })
    .getByRole("button", { name: "Administration" })
    .click();
  await expect(page.getByRole("heading", { name: "Agents, Teams and Queues" })).toBeVisible();
}

/** Chooses a file as people do: by the button. */
async function choose(page: Page, name: string, csv: string | Buffer) {
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: /^Choose/ }).click();
  await (await choosing).setFiles({ name, mimeType: "text/csv", buffer: Buffer.from(csv) });
}

const dialog = (page: Page) => page.getByRole("dialog", { name: "Import users" });
const counts = (page: Page) => dialog(page).getByRole("list", { name: "How many" });
const line = (page: Page, text: string | RegExp) => dialog(page).getByRole("row").filter({ hasText: text });

test("an administrator imports users after a dry run, exports them, and the export changes nothing", async ({
  browser,
}) => {
  test.setTimeout(300_000);
  const [, address] = await demo("127.0.0.1:0");
  const tove = await openPage(browser, address);
  const other = await openPage(browser, address, { colorScheme: "dark" });
  for (const page of [tove, other]) {
    await signIn(page, page === tove ? "tove" : "idris");
    await openAgents(page);
  }

  await test.step("what is no table of users is said to be none", async () => {
    await tove.getByRole("button", { name: "Import", exact: true }).focus();
    await tove.keyboard.press("Enter");
    await expect(dialog(tove)).toBeVisible();
    await picture(tove, "import-empty");
    await expectAccessible(tove);
    await choose(tove, "people.csv", Buffer.from([0x6e, 0xc1, 0x6e]));
    await expect(dialog(tove).getByRole("alert")).toContainText("not UTF-8");
    await choose(tove, "people.csv", "nmae,title\nmira,x\n");
    await expect(dialog(tove).getByRole("alert")).toContainText("there is no header line");
    await expect(dialog(tove).getByRole("button", { name: /^Import/ })).toHaveCount(0);
  });

  await test.step("a file may be dropped, too", async () => {
    const data = await tove.evaluateHandle(() => {
      const dropped = new DataTransfer();
      dropped.items.add(new File(["name,title\nliam,\n"], "dropped.csv"));
      return dropped;
    });
    const zone = dialog(tove).getByText("people.csv");
    await zone.dispatchEvent("dragover", { dataTransfer: data });
    await zone.dispatchEvent("drop", { dataTransfer: data });
    await expect(dialog(tove)).toContainText("dropped.csv");
    await expect(counts(tove)).toContainText("1 changed");
    await expect(dialog(tove).getByRole("button", { name: "Import 1 change", exact: true })).toBeVisible();
    await dialog(tove).getByRole("button", { name: "Cancel" }).click();
    await expect(dialog(tove).getByRole("button", { name: "Choose a file" })).toBeVisible();
  });

  await test.step("lines that are wrong keep everything back", async () => {
    await choose(
      tove,
      "people.csv",
      "name;title;role;teams;password\r\n" +
        "mira;By import;;;\r\n" +
        "newcomer;Newcomer;agent;Import team;a long secret\r\n" +
        "tailor;;boss;;short\r\n" +
        "MIRA;;;;\r\n",
    );
    await expect(counts(tove)).toContainText("1 new");
    await expect(counts(tove)).toContainText("2 refused");
    await expect(line(tove, "tailor")).toContainText("“boss” is no role");
    await expect(line(tove, "mira")).toContainText("stands in line 2 already");
    await expect(line(tove, "newcomer")).toHaveCount(0);
    await expect(dialog(tove)).toContainText("2 lines are refused");
    await expect(dialog(tove).getByRole("button", { name: /^Import/ })).toHaveAttribute(
      "aria-disabled",
      "true",
    );
    await picture(tove, "import-refused");
    await expectAccessible(tove);
    await dialog(tove).getByRole("radio", { name: "Refused" }).focus();
    await tove.keyboard.press("ArrowLeft");
    await expect(line(tove, "newcomer")).toContainText("new");
    await expect(line(tove, "mira")).toContainText("By import");
  });

  await test.step("the mended file is imported, and another administrator sees it at once", async () => {
    await choose(
      tove,
      "people.csv",
      "name;title;role;teams;password\r\n" +
        "mira;=By import;;;\r\n" +
        "newcomer;Newcomer;agent;Import team;a long secret\r\n",
    );
    await expect(counts(tove)).toContainText("0 refused");
    await expect(dialog(tove).getByRole("region", { name: "What changes" })).toContainText("pairs");
    await picture(tove, "import-checked");
    await expectAccessible(tove);
    await dialog(tove).getByRole("button", { name: "Import 2 changes" }).click();
    await expect(dialog(tove).getByText("Imported: 1 new, 1 changed.")).toBeVisible();
    await picture(tove, "import-done");
    await expectAccessible(tove);
    await tove.keyboard.press("Escape");
    await expect(dialog(tove)).toBeHidden();
    await other.getByRole("searchbox", { name: "Filter agents" }).fill("newcomer");
    await expect(other.getByRole("row").filter({ hasText: "newcomer" })).toContainText("Import team");
  });

  let exported = "";
  await test.step("the export is a table of everybody, without formulas and passwords", async () => {
    const saving = tove.waitForEvent("download");
    await tove.getByRole("button", { name: "Export", exact: true }).click();
    const file = await saving;
    expect(file.suggestedFilename()).toBe("users.csv");
    exported = await readFile(await file.path(), "utf8");
    expect(exported.split("\r\n")[0]).toBe('\ufeff"name","display name","role","group","teams","title"');
    expect(exported).toContain(`"'=By import"`);
    expect(exported).toContain('"newcomer","newcomer","agent"');
    expect(exported).not.toContain("secret");
  });

  await test.step("importing it changes nothing", async () => {
    await other.getByRole("button", { name: "Import", exact: true }).click();
    await choose(other, "users.csv", exported);
    await expect(dialog(other)).toContainText("All of this is so already");
    for (const none of ["0 new", "0 changed", "0 refused"]) await expect(counts(other)).toContainText(none);
    await expect(line(other, "newcomer")).toContainText("unchanged");
    await picture(other, "import-unchanged-dark");
    await expectAccessible(other);
    await other.setViewportSize({ width: 390, height: 844 });
    await picture(other, "import-unchanged-phone");
    await expectAccessible(other);
  });
});

test("a long file is imported in parts, stops when the connection does, and goes on", async ({ browser }) => {
  test.setTimeout(300_000);
  const [, address] = await demo("127.0.0.1:0", "long");
  const tove = await openPage(browser, address);
  // After the first part of the import the server does not answer any more, until it is heard again.
  let imports = 0;
  let deaf = false;
  await tove.routeWebSocket(/\/v1\/socket$/, (ws) => {
    const server = ws.connectToServer();
    ws.onMessage((message) => {
      const text = String(message);
      if (text.includes('"user.import"') && !text.includes('"dryRun"') && ++imports === 2) deaf = true;
      if (deaf) void ws.close({ code: 1001 });
      else server.send(message);
    });
    server.onMessage((message) => ws.send(message));
  });
  await tove.reload();
  await signIn(tove, "tove");
  await openAgents(tove);
  const people = Array.from({ length: 90 }, (_, i) => `guest${i},expert,a long secret ${i}\n`).join("");
  await tove.getByRole("button", { name: "Import", exact: true }).click();
  await choose(tove, "guests.csv", `name,role,password\n${people}`);
  await expect(counts(tove)).toContainText("90 new");
  await dialog(tove).getByRole("button", { name: "Import 90 changes" }).click();
  await expect(dialog(tove).getByRole("alert")).toContainText("40 of 90 users are imported, down to line 41");
  await expect(dialog(tove).getByRole("alert")).toContainText("Lines 42 to 81 may be imported or not");
  await picture(tove, "import-stopped");
  await expectAccessible(tove);
  deaf = false;
  const goOn = dialog(tove).getByRole("button", { name: "Import the 50 that are left" });
  await expect(goOn).toHaveAttribute("aria-disabled", "false", { timeout: 60_000 });
  await goOn.click();
  await expect(dialog(tove).getByText("Imported: 90 new, 0 changed.")).toBeVisible({ timeout: 60_000 });
  await tove.keyboard.press("Escape");
  await expect(dialog(tove)).toBeHidden();
  await tove.getByRole("searchbox", { name: "Filter agents" }).fill("guest89");
  await expect(tove.getByRole("row").filter({ hasText: "guest89" })).toBeVisible();
});
