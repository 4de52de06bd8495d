import { expect, type Page, test } from "@playwright/test";
import type { RequestListAnswer, UserListAnswer, UserRecord } from "../src/protocol";
import {
  command,
  expectAccessible,
  messages,
  openPage,
  picture,
  programs,
  row,
  signIn,
  write,
} from "./programs";

// Rooms against the real server: `npm run build` first.

const { demo } = programs();

/** Gives a command as somebody who does not use the page would, and returns the error's code. */
const ask = async (page: Page, name: string, args: unknown) =>
  (await command(page, name, args)).error?.code ?? "ok";

const roomOf = (page: Page) =>
  page.evaluate(() => {
    const place = Object.keys(localStorage).find((key) => key.includes(".places."));
    return JSON.parse(localStorage.getItem(place ?? "") ?? "{}").view.conversationId as string;
  });

test("an expert makes a room with two others; all write; who leaves can no longer read or post; agents have no rooms", async ({
  browser,
}) => {
  const [, address] = await demo("127.0.0.1:0");
  const liam = await openPage(browser, address);
  const elin = await openPage(browser, address);
  const sigrun = await openPage(browser, address, {
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  });
  await signIn(liam, "liam");
  await signIn(elin, "elin");
  await signIn(sigrun, "sigrun");

  await test.step("made by keys alone", async () => {
    await liam.keyboard.press("Control+k");
    await expect(liam.getByRole("combobox", { name: /^Go to/ })).toBeFocused();
    await liam.keyboard.type("New room");
    await liam.keyboard.press("Enter");
    const dialog = liam.getByRole("dialog", { name: "New room" });
    await dialog.getByRole("button", { name: "Create room" }).click();
    await expect(dialog).toContainText("Give the room a name.");
    await liam.keyboard.type("Returns of glass");
    await liam.keyboard.press("Tab");
    await liam.keyboard.type("elin");
    await liam.keyboard.press("Enter");
    await liam.keyboard.type("mira");
    await expect(dialog).toContainText("Nothing found"); // an agent
    await liam.keyboard.press("Control+a");
    await liam.keyboard.type("sigrun");
    await liam.keyboard.press("Enter");
    await expectAccessible(liam);
    await picture(liam, "room-new");
    await dialog.getByRole("button", { name: "Create room" }).click();
    await expect(liam.getByRole("button", { name: "3 members" })).toBeVisible();
  });

  await test.step("all three write", async () => {
    await write(liam, "Who has seen batch 88?");
    await row(elin, "Returns of glass").click();
    await expect(messages(elin).getByText("Who has seen batch 88?")).toBeVisible();
    await write(elin, "Two of them, both chipped at the corner.");
    await row(sigrun, "Returns of glass").tap();
    await sigrun.getByRole("textbox", { name: /^Message to/ }).fill("Stop sending them out, please.");
    await sigrun.getByRole("button", { name: "Send" }).tap();
    for (const page of [liam, elin, sigrun]) {
      await expect(messages(page).getByText("Stop sending them out, please.")).toBeVisible();
      await expect(messages(page).getByText("Two of them, both chipped at the corner.")).toBeVisible();
    }
    await write(liam, "Done. The rest is set aside.");
    await expect(messages(elin).getByText("Done. The rest is set aside.")).toBeVisible();
    await expectAccessible(elin);
    await expectAccessible(sigrun);
    await picture(elin, "room");
    await picture(sigrun, "room-phone");
    await liam.getByRole("button", { name: "3 members" }).click();
    await expect(liam.getByRole("dialog").getByRole("listitem")).toHaveCount(3);
    await expectAccessible(liam);
    await picture(liam, "room-members");
    await liam.keyboard.press("Escape");
  });

  const room = await roomOf(elin);
  await test.step("one leaves", async () => {
    await elin.getByRole("button", { name: "3 members" }).click();
    await elin.getByRole("dialog").getByRole("button", { name: "Leave room" }).click();
    await expect(elin.getByRole("dialog", { name: /^Leave Returns/ })).toBeVisible();
    await picture(elin, "room-leave");
    await elin
      .getByRole("dialog", { name: /^Leave Returns/ })
      .getByRole("button", { name: "Leave room" })
      .click();
    await expect(row(elin, "Returns of glass")).toHaveCount(0);
    await expect(elin.getByText("Who has seen batch 88?")).toHaveCount(0);
    await expect(liam.getByRole("button", { name: "2 members" })).toBeVisible();
    expect(await ask(elin, "history.load", { conversationId: room, beforeN: 0, limit: 10 })).toBe("unknown");
    const post = { id: "0190b1c2-0000-7000-8000-0000000000f7", conversationId: room, text: "May I?" };
    expect(await ask(elin, "message.post", post)).toBe("unknown");
    expect(await ask(liam, "message.post", { ...post, text: "One may." })).toBe("ok");
    await expect(messages(sigrun).getByText("One may.")).toBeVisible();
  });

  await test.step("and is invited again", async () => {
    await liam.getByRole("button", { name: "2 members" }).click();
    await liam.getByRole("dialog").getByRole("button", { name: "Invite" }).click();
    await expect(liam.getByRole("combobox", { name: "Search people to invite" })).toBeFocused();
    await liam.keyboard.type("elin");
    await liam.keyboard.press("Enter");
    await picture(liam, "room-invite");
    await liam
      .getByRole("dialog", { name: /^Invite to/ })
      .getByRole("button", { name: "Invite" })
      .click();
    await row(elin, "Returns of glass").click();
    await expect(messages(elin).getByText("Who has seen batch 88?")).toBeVisible();
    await expect(messages(elin).getByText("One may.")).toBeVisible();
  });

  await test.step("whom a rule keeps out can be asked for", async () => {
    const tove = await openPage(browser, address);
    await signIn(tove, "tove");
    await liam.keyboard.press("Control+k");
    await expect(liam.getByRole("combobox", { name: /^Go to/ })).toBeFocused();
    await liam.keyboard.type("New room");
    await liam.keyboard.press("Enter");
    const dialog = liam.getByRole("dialog", { name: "New room" });
    await dialog.getByRole("textbox", { name: "Name of the room" }).fill("Customs");
    await dialog.getByRole("combobox").fill("farid");
    await liam.keyboard.press("Enter");
    // Meanwhile his Start is narrowed.
    const list = (await command<UserListAnswer>(tove, "user.list", {})).ok as UserListAnswer;
    const { user, revision } = list.users.find((u) => u.name === "liam") as UserRecord;
    const settings = { replies: true, start: true, scope: "roles", targets: ["supervisor"] };
    const args = { userId: user.id, revision, settings, applyNow: true };
    expect(await ask(tove, "settings.update", args)).toBe("ok");
    await dialog.getByRole("combobox").fill("winnie");
    await expect(dialog).toContainText(
      "Winnie Yarrow cannot be invited: your Start setting does not include",
    );
    await expectAccessible(liam);
    await picture(liam, "room-cannot");
    await dialog.getByRole("button", { name: "Create room" }).click();
    const refused = dialog.getByRole("alert");
    await expect(refused).toContainText("You may not write to Farid first");
    await refused.getByRole("button", { name: "Why?" }).click();
    const why = liam.getByRole("dialog").filter({ hasText: "Would help" }).last();
    await expect(why).toContainText("Add Experts to your Start");
    await expectAccessible(liam);
    await picture(liam, "room-why");
    await why.getByRole("button", { name: "Request" }).click();
    await expect(why).toContainText("An administrator decides");
    const open = (await command<RequestListAnswer>(tove, "request.list", { all: true })).ok?.requests;
    expect(open).toMatchObject([{ act: "invite", byId: user.id, state: "open" }]);
    await liam.keyboard.press("Escape");
    await liam.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
  });

  await test.step("agents have no rooms", async () => {
    const mira = await openPage(browser, address);
    await signIn(mira, "mira");
    await expect(mira.getByRole("button", { name: "New room" })).toHaveCount(0);
    await expect(liam.getByRole("button", { name: "New room" })).toBeVisible();
    await mira.keyboard.press("Control+k");
    await expect(mira.getByRole("combobox", { name: /^Go to/ })).toBeFocused();
    await mira.keyboard.type("room");
    await expect(mira.getByRole("option", { name: "New room" })).toHaveCount(0);
    const made = { id: "r.0190b1c2-0000-7000-8000-0000000000a9", name: "Mine", participants: [] };
    expect(await ask(mira, "room.create", made)).toBe("denied");
    expect(await ask(liam, "room.create", made)).toBe("ok");
    expect(await ask(mira, "history.load", { conversationId: room, beforeN: 0, limit: 10 })).toBe("unknown");
  });
});
