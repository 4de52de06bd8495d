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
    for (let i = 0; i < 3; i++) await liam.keyboard.press("Tab"); // past the topic and who comes in
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
    expect(await ask(mira, "room.find", { limit: 10 })).toBe("unknown");
    expect(await ask(mira, "history.load", { conversationId: room, beforeN: 0, limit: 10 })).toBe("unknown");
  });
});

test("a public room is found and joined; its owners decide about it, and somebody owns it as long as anybody is there", async ({
  browser,
}) => {
  test.slow(); // many steps of four people
  const [, address] = await demo("127.0.0.1:0", "public");
  const liam = await openPage(browser, address);
  const elin = await openPage(browser, address);
  const tove = await openPage(browser, address);
  const sigrun = await openPage(browser, address, {
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  });
  await signIn(liam, "liam");
  await signIn(elin, "elin");
  await signIn(tove, "tove");
  await signIn(sigrun, "sigrun");
  const dialogOf = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });
  /** Opens what the members' button holds, and chooses of it. */
  const choose = async (page: Page, action: string) => {
    await page
      .getByRole("button", { name: /^\d+ members?$/ })
      .first()
      .click();
    await page.getByRole("dialog").getByRole("button", { name: action }).click();
  };
  /** Finds a room and joins it. */
  const join = async (page: Page, text: string, name: string) => {
    await page.getByRole("button", { name: "Find rooms" }).click();
    await dialogOf(page, "Find rooms").getByRole("searchbox").fill(text);
    await dialogOf(page, "Find rooms")
      .getByRole("button", { name: `Join ${name}` })
      .click();
  };

  await test.step("made public, with a topic", async () => {
    await liam.getByRole("button", { name: "New room" }).click();
    const dialog = dialogOf(liam, "New room");
    await dialog.getByRole("textbox", { name: "Name of the room" }).fill("Broken glass");
    await dialog.getByRole("textbox", { name: "Topic" }).fill("What breaks on the way, and why");
    await dialog.getByRole("radio", { name: "Public" }).click();
    await expect(dialog).toContainText("Agents never see it");
    await expectAccessible(liam);
    await picture(liam, "room-new-public");
    await dialog.getByRole("button", { name: "Create room" }).click();
    await write(liam, "Two panes of batch 88 today.");
  });

  await test.step("found by others, by keys and on a phone; whoever joins sees all that was said", async () => {
    await elin.keyboard.press("Control+k");
    await expect(elin.getByRole("combobox", { name: /^Go to/ })).toBeFocused();
    await elin.keyboard.type("Find rooms");
    await elin.keyboard.press("Enter");
    await expect(dialogOf(elin, "Find rooms").getByRole("searchbox")).toBeFocused();
    await elin.keyboard.type("nothing is called so");
    await expect(dialogOf(elin, "Find rooms")).toContainText("No public room found");
    await elin.keyboard.press("Control+a");
    await elin.keyboard.type("way glass");
    await expect(dialogOf(elin, "Find rooms")).toContainText("1 member");
    await expectAccessible(elin);
    await picture(elin, "rooms-find");
    await elin.keyboard.press("ArrowDown");
    await elin.keyboard.press("Enter");
    await expect(messages(elin).getByText("Two panes of batch 88 today.")).toBeVisible();
    await expect(elin.getByTitle("What breaks on the way, and why")).toBeVisible();
    await join(tove, "glass", "Broken glass");
    await expect(messages(tove).getByText("Two panes of batch 88 today.")).toBeVisible();
    await sigrun.getByRole("button", { name: "Find rooms" }).tap();
    await expect(dialogOf(sigrun, "Find rooms")).toContainText("3 members");
    await expectAccessible(sigrun);
    await picture(sigrun, "rooms-find-phone");
    await dialogOf(sigrun, "Find rooms").getByRole("button", { name: "Join Broken glass" }).tap();
    await expect(messages(sigrun).getByText("Two panes of batch 88 today.")).toBeVisible();
    await expect(liam.getByRole("button", { name: "4 members" }).first()).toBeVisible();
  });

  const room = await roomOf(elin);
  await test.step("an owner changes the topic and makes another one, who takes somebody out", async () => {
    await choose(liam, "Room settings");
    const settings = dialogOf(liam, "Settings of Broken glass");
    await settings.getByRole("textbox", { name: "Topic" }).fill("Every pane that breaks");
    await expectAccessible(liam);
    await picture(liam, "room-settings");
    await settings.getByRole("button", { name: "Save" }).click();
    await expect(messages(elin).getByText("set the topic: Every pane that breaks")).toBeVisible();
    expect(await ask(elin, "room.setTopic", { conversationId: room, topic: "Mine" })).toBe("denied");
    await choose(liam, "Manage members");
    const members = dialogOf(liam, "Members of Broken glass");
    await expect(members.getByRole("button", { name: /^Liam.*no longer owner/ })).toHaveAttribute(
      "aria-disabled",
      "true",
    );
    await members.getByRole("searchbox").fill("elin");
    await members.getByRole("button", { name: /^Make Elin/ }).click();
    await expect(members.getByRole("button", { name: /^Elin.*no longer owner/ })).toBeVisible();
    await members.getByRole("searchbox").fill("");
    await expectAccessible(liam);
    await picture(liam, "room-manage");
    await liam.keyboard.press("Escape");
    await choose(elin, "Manage members");
    const hers = dialogOf(elin, "Members of Broken glass");
    await hers.getByRole("button", { name: /^Remove Tove/ }).click();
    await expect(hers).toContainText("disappears from their devices");
    await expectAccessible(elin);
    await picture(elin, "room-remove");
    await hers.getByRole("button", { name: "Remove", exact: true }).click();
    await expect(row(tove, "Broken glass")).toHaveCount(0);
    expect(await ask(tove, "history.load", { conversationId: room, beforeN: 0, limit: 10 })).toBe("unknown");
    await elin.keyboard.press("Escape");
    await expect(messages(sigrun).getByText(/removed Tove/)).toBeVisible();
    await picture(elin, "room-notes");
    await expectAccessible(elin);
    await expectAccessible(sigrun);
    await picture(sigrun, "room-notes-phone");
  });

  await test.step("the last owner says who follows", async () => {
    await choose(liam, "Leave room");
    await expect(dialogOf(liam, "Leave Broken glass?")).toContainText("you can join it again");
    await expect(dialogOf(liam, "Leave Broken glass?").getByRole("combobox")).toHaveCount(0);
    await dialogOf(liam, "Leave Broken glass?").getByRole("button", { name: "Leave room" }).click();
    await expect(row(liam, "Broken glass")).toHaveCount(0);
    await choose(elin, "Leave room");
    const leave = dialogOf(elin, "Leave Broken glass?");
    await leave.getByRole("combobox", { name: "Who owns the room then" }).selectOption({ index: 1 });
    await expectAccessible(elin);
    await picture(elin, "room-leave-owner");
    await leave.getByRole("button", { name: "Leave room" }).click();
    await expect(row(elin, "Broken glass")).toHaveCount(0);
    await expect(messages(sigrun).getByText(/made Sigrun .* an owner of the room/)).toBeVisible();
  });

  await test.step("a private room is opened with a warning, and notes it", async () => {
    await liam.getByRole("button", { name: "New room" }).click();
    await dialogOf(liam, "New room").getByRole("textbox", { name: "Name of the room" }).fill("Customs");
    await dialogOf(liam, "New room").getByRole("button", { name: "Create room" }).click();
    await choose(liam, "Room settings");
    const settings = dialogOf(liam, "Settings of Customs");
    await settings.getByRole("radio", { name: "Public" }).click();
    await expect(settings.getByRole("alert")).toContainText("read everything that was said in it");
    await expectAccessible(liam);
    await picture(liam, "room-opening");
    await settings.getByRole("button", { name: "Save" }).click();
    await expect(messages(liam).getByText(/opened the room/)).toBeVisible();
    await elin.getByRole("button", { name: "Find rooms" }).click();
    await expect(dialogOf(elin, "Find rooms").getByRole("button", { name: "Join Customs" })).toBeVisible();
    await elin.keyboard.press("Escape");
  });

  await test.step("an agent never finds it", async () => {
    const mira = await openPage(browser, address);
    await signIn(mira, "mira");
    await expect(mira.getByRole("button", { name: "Find rooms" })).toHaveCount(0);
    await mira.keyboard.press("Control+k");
    await expect(mira.getByRole("combobox", { name: /^Go to/ })).toBeFocused();
    await mira.keyboard.type("room");
    await expect(mira.getByRole("option", { name: /room/i })).toHaveCount(0);
    expect(await ask(mira, "room.find", { text: "glass", limit: 10 })).toBe("unknown");
    expect(await ask(mira, "room.join", { conversationId: room })).toBe("unknown");
    expect(await ask(mira, "message.search", { text: "panes", conversationId: room, limit: 10 })).toBe(
      "unknown",
    );
  });

  await test.step("in German", async () => {
    await elin.getByRole("button", { name: "Settings", exact: true }).click();
    await elin.getByRole("radio", { name: "Deutsch" }).click();
    await elin.keyboard.press("Escape");
    await elin.getByRole("button", { name: "Räume finden" }).click();
    await dialogOf(elin, "Räume finden").getByRole("button", { name: "Broken glass beitreten" }).click();
    const shown = elin.getByRole("region", { name: /^Nachrichten/ });
    await expect(shown.getByText(/hat das Thema gesetzt/)).toBeVisible();
    await expect(elin.getByRole("button", { name: "2 Mitglieder" }).first()).toBeVisible();
    await expectAccessible(elin);
    await picture(elin, "room-german");
  });
});
