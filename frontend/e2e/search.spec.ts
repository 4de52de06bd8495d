import { expect, type Page, test } from "@playwright/test";
import { expectAccessible, openPage, picture, programs, row, signIn, write } from "./programs";

// Searching messages against the real server, by keyboard and by mouse, at a desk and on a phone.

const { demo, start, path } = programs();
const search = (page: Page) => page.getByRole("searchbox", { name: "Search people and messages" });
const found = (page: Page) => page.getByRole("region", { name: "Messages" }).getByRole("listitem");

/** Posts into the open conversation over the page's own session, as another of its user's devices does. */
function postMany(page: Page, count: number): Promise<void> {
  return page.evaluate(
    (count) =>
      new Promise<void>((resolve, reject) => {
        const place = Object.keys(localStorage).find((key) => key.includes(".places."));
        const { conversationId } = JSON.parse(localStorage.getItem(place ?? "") ?? "{}").view;
        const socket = new WebSocket(`${location.origin.replace("http", "ws")}/v1/socket`, ["parley.v1"]);
        const device = { id: "0190b1c2-0000-7000-8000-0000000000d9", kind: "browser", name: "Another" };
        const ask = (id: number, name: string, args: unknown) =>
          socket.send(JSON.stringify({ id, do: name, args }));
        const post = (i: number) =>
          ask(i, "message.post", {
            id: `01f0b1c2-0000-7000-8000-${String(i).padStart(12, "0")}`,
            conversationId,
            text: `Line ${i - 1} of a long list`,
          });
        socket.onopen = () => ask(1, "hello", { protocol: 1, device });
        socket.onerror = () => reject(new Error("no connection"));
        socket.onmessage = (e) => {
          const frame = JSON.parse(e.data);
          if (frame.error) reject(new Error(frame.error.text));
          else if (frame.re > count) socket.close();
          else if (frame.re !== undefined) post(frame.re + 1);
          if (frame.re > count) resolve();
        };
      }),
    count,
  );
}

test("what was written is found by those who may read it, and opened where it stands", async ({
  browser,
}) => {
  const [server, address] = await demo("127.0.0.1:0");
  const mira = await openPage(browser, address);
  const liam = await openPage(browser, address, {
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  });
  await signIn(mira, "mira");
  await signIn(liam, "liam");

  await test.step("a message far back comes into sight and is marked", async () => {
    await mira.keyboard.press("Control+k");
    await expect(mira.getByRole("combobox", { name: /^Go to/ })).toBeFocused();
    await mira.keyboard.type("Liam");
    await mira.keyboard.press("Enter");
    await write(mira, "The zebrawood sideboard arrived with a scratch");
    await expect(mira.getByText("The zebrawood sideboard").last()).toBeVisible();
    await postMany(mira, 70);
    await mira.reload();
    // Where one writes has the keyboard first; from there Escape leads out, and the slash then to the search.
    await expect(mira.getByRole("textbox", { name: /^Message to/ })).toBeFocused();
    await mira.keyboard.press("Escape");
    await mira.keyboard.press("/");
    await expect(search(mira)).toBeFocused();
    await mira.keyboard.type("ZEBRA scr");
    await expect(found(mira)).toHaveCount(1);
    await expect(found(mira).locator("mark")).toHaveText(["zebra", "scr"]);
    await expectAccessible(mira);
    await picture(mira, "search");
    await mira.keyboard.press("ArrowDown");
    await mira.keyboard.press("Enter");
    const line = mira.getByRole("region", { name: /Liam/ }).getByText("The zebrawood sideboard");
    await expect(line).toBeInViewport();
    await expect(mira.locator("[data-wanted]")).toContainText("zebrawood");
    await picture(mira, "search-opened");
  });

  await test.step("narrowed down by whom and where; nothing is said plainly", async () => {
    await search(mira).fill("zebrawood");
    await mira.getByRole("button", { name: "By, from, to" }).click();
    await mira.getByLabel("Written by").selectOption({ label: "Liam Draycote" });
    await expect(mira.getByText("Nothing found for “zebrawood”")).toBeVisible();
    await mira.getByLabel("Written by").selectOption({ label: "Yourself" });
    await expect(found(mira)).toHaveCount(1);
    await mira.getByLabel("To", { exact: true }).fill("2020-01-01");
    await expect(found(mira)).toHaveCount(0);
    await expectAccessible(mira);
    await picture(mira, "search-narrowed");
    await search(mira).press("Escape");
    await expect(mira.getByRole("button", { name: "All", exact: true })).toBeVisible();
    await mira.getByRole("button", { name: /^Search the conversation with/ }).click();
    await expect(search(mira)).toBeFocused();
    await expect(mira.getByText(/^In: Liam/)).toBeVisible();
    await mira.keyboard.type("long list");
    await expect(found(mira)).toHaveCount(30);
    await mira.getByRole("button", { name: "Older messages" }).click();
    await expect(found(mira)).toHaveCount(60);
  });

  await test.step("on a phone", async () => {
    await search(liam).fill("scratch");
    await expect(found(liam)).toHaveCount(1);
    await picture(liam, "search-phone");
    await expectAccessible(liam);
    await found(liam).getByRole("button").tap();
    await expect(liam.locator("[data-wanted]")).toContainText("zebrawood");
  });

  const [, core] = await start(
    "parley-core",
    ["--profile", path("desktop"), "--server", address, "--sign-in", "mira", "--key-file"],
    { PARLEY_PASSWORD: "mira-larchfield" },
  );
  const desktop = await openPage(browser, core);

  await test.step("nobody else finds it", async () => {
    const amparo = await openPage(browser, address);
    await signIn(amparo, "amparo");
    await search(amparo).fill("zebrawood");
    await expect(amparo.getByText("Nothing found for “zebrawood”")).toBeVisible();
    await expect(row(desktop, "Liam Draycote")).toBeVisible();
    server.kill("SIGKILL");
    await expect(amparo.getByRole("region", { name: "Connection" })).toContainText("Offline");
    await search(amparo).fill("zebrawoods");
    await expect(amparo.getByText("Messages are searched on the server")).toBeVisible();
  });

  await test.step("a desktop without a connection finds what it keeps, and says so", async () => {
    await expect(desktop.getByRole("region", { name: "Connection" })).toContainText("Offline");
    await search(desktop).fill("ZEBRA scr");
    await expect(found(desktop)).toHaveCount(1);
    await expect(desktop.getByText("searched was what this computer keeps")).toBeVisible();
    await picture(desktop, "search-offline");
    await found(desktop).getByRole("button").click();
    await expect(desktop.locator("[data-wanted]")).toContainText("zebrawood");
    await expectAccessible(desktop);
  });
});
