import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { expectAccessible, openPage, picture, programs, row, signIn } from "./programs";

// Files against the real server: `npm run build` first.

const { demo, path } = programs();

/** A picture of 64 by 40 pixels, as a bitmap: a header and its colours. */
function bitmap(): Buffer {
  const [width, height] = [64, 40];
  const bytes = Buffer.alloc(54 + width * height * 3);
  bytes.write("BM");
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  for (let i = 54; i < bytes.length; i++) bytes[i] = (i * 7) % 256;
  return bytes;
}

const attach = (page: Page, files: Parameters<ReturnType<Page["locator"]>["setInputFiles"]>[0]) =>
  page.locator("[data-attach]").setInputFiles(files);
const chips = (page: Page) => page.getByRole("list", { name: "Files of this message" });

test("files are chosen, dropped and pasted, sent with words or without, shown, saved and refused", async ({
  browser,
}) => {
  const [, address] = await demo("127.0.0.1:0");
  const mira = await openPage(browser, address);
  const liam = await openPage(browser, address, {
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  });
  await signIn(mira, "mira");
  await signIn(liam, "liam");
  await row(mira, "Liam").click();

  await test.step("several at once, one of them a picture", async () => {
    await attach(mira, [
      {
        name: "Lieferschein März 2026, zweite Fassung, bitte prüfen.txt",
        mimeType: "text/plain",
        buffer: Buffer.from("Zwölf Gläser"),
      },
      { name: "glass.bmp", mimeType: "image/bmp", buffer: bitmap() },
      { name: "setup.exe", mimeType: "", buffer: Buffer.from("MZ\x90\x00 not really") },
    ]);
    await expect(chips(mira).getByRole("listitem")).toHaveCount(3);
    await expect(chips(mira).getByRole("progressbar")).toHaveCount(0);
    await expectAccessible(mira);
    await picture(mira, "files-chips");
    await mira.getByRole("button", { name: "Remove setup.exe" }).click();
    await expect(chips(mira).getByRole("listitem")).toHaveCount(2);
    await mira.keyboard.press("Escape");
    await mira.getByRole("textbox", { name: /^Message to Liam/ }).fill("The glass, as it came");
    await mira.keyboard.press("Enter");
    await expect(chips(mira)).toHaveCount(0);
    await expect(mira.getByRole("img", { name: "glass.bmp" })).toBeVisible();
  });

  await test.step("the other side, on a phone, sees and saves them", async () => {
    await row(liam, "Mira").click();
    const shown = liam.getByRole("img", { name: "glass.bmp" });
    await expect(shown).toBeVisible();
    expect(await shown.evaluate((i: HTMLImageElement) => i.naturalWidth)).toBe(64);
    const saving = liam.waitForEvent("download");
    await liam.getByRole("link", { name: /Save Lieferschein März/ }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe("Lieferschein März 2026, zweite Fassung, bitte prüfen.txt");
    expect(readFileSync(await saved.path(), "utf8")).toBe("Zwölf Gläser");
    await expectAccessible(liam);
    await picture(liam, "files-phone");
    await liam.getByRole("button", { name: "Show glass.bmp large" }).click();
    await expect(liam.getByRole("dialog", { name: "glass.bmp" })).toBeVisible();
    await expectAccessible(liam);
    await liam.keyboard.press("Escape");
  });

  await test.step("one that is too large is refused before anything is sent; a message of a file alone goes", async () => {
    const large = path("large.mp4");
    writeFileSync(large, "");
    truncateSync(large, 100_000_001);
    await attach(mira, [large]);
    await expect(chips(mira)).toContainText("at most 100 MB");
    await picture(mira, "files-too-large");
    await mira.getByRole("button", { name: "Remove large.mp4" }).click();
    await attach(mira, [
      { name: "alone.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\n1 0 obj\n") },
    ]);
    await mira.getByRole("button", { name: "Send", exact: true }).click();
    await expect(liam.getByRole("link", { name: /Save alone.pdf/ })).toBeVisible();
    await expect(row(mira, "Liam")).toContainText("alone.pdf");
  });

  await test.step("dropped and pasted", async () => {
    const hand = await mira.evaluateHandle(() => {
      const t = new DataTransfer();
      t.items.add(new File(["dropped"], "dropped.txt", { type: "text/plain" }));
      return t;
    });
    const place = mira.locator("#conversation");
    await place.dispatchEvent("dragenter", { dataTransfer: hand });
    await expect(mira.getByText("Drop files here")).toBeVisible();
    await picture(mira, "files-drop");
    await place.dispatchEvent("drop", { dataTransfer: hand });
    await expect(chips(mira)).toContainText("dropped.txt");
    await mira.getByRole("textbox", { name: /^Message to Liam/ }).evaluate((field) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([new Uint8Array([1, 2, 3])], "pasted.bin"));
      field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    });
    await expect(chips(mira).getByRole("listitem")).toHaveCount(2);
  });

  await test.step("a large one is paused, goes on without a connection in between, and arrives whole", async () => {
    for (const name of ["dropped.txt", "pasted.bin"]) {
      await mira.getByRole("button", { name: `Remove ${name}` }).click();
    }
    // Each portion takes a moment, as over a real line.
    await mira.route("**/v1/files/*", async (route) => {
      if (route.request().method() === "PATCH") await new Promise((done) => setTimeout(done, 150));
      await route.continue();
    });
    const whole = path("film.bin");
    writeFileSync(whole, Buffer.alloc(30_000_000, "parley "));
    await attach(mira, [whole]);
    await expect(chips(mira).getByRole("progressbar")).not.toHaveAttribute("aria-valuenow", "0");
    await picture(mira, "files-progress");
    await mira.getByRole("button", { name: "Pause film.bin" }).click();
    await expect(chips(mira)).toContainText("paused");
    await mira.getByRole("button", { name: "Resume film.bin" }).click();
    await expect(mira.getByRole("button", { name: "Pause film.bin" })).toBeVisible();
    await mira.getByRole("textbox", { name: /^Message to Liam/ }).fill("The film");
    await mira.keyboard.press("Enter");
    await mira.context().setOffline(true);
    await mira.context().setOffline(false);
    const saving = liam.waitForEvent("download", { timeout: 60_000 });
    await liam.getByRole("link", { name: /Save film.bin/ }).click({ timeout: 60_000 });
    const saved = await saving;
    expect(readFileSync(await saved.path()).equals(readFileSync(whole))).toBe(true);
    await mira.unroute("**/v1/files/*");
  });
});
