import { expect, type Page, test } from "@playwright/test";
import { FakeHub, ORIGIN } from "./fakehub";
import { expectAccessible, picture, row } from "./programs";
import { liamSnapshot, miraSnapshot } from "./world";

// What a thing is, told when one rests on it: by the pointer, by the keyboard and by touch.

const hint = (page: Page) => page.getByRole("tooltip", { includeHidden: true });

async function open(page: Page, hub: FakeHub, name: string): Promise<void> {
  await hub.attach(page);
  await page.goto(ORIGIN);
  await row(page, name).click();
  await expect(page.getByRole("textbox", { name: /^Message to/ })).toBeVisible();
}

test("resting on a button tells what it does; going on, pressing and Escape take that away", async ({
  page,
}) => {
  await open(page, new FakeHub(miraSnapshot()), "Ana Novik");
  const bold = page.getByRole("button", { name: "Bold" });
  const italic = page.getByRole("button", { name: "Italic" });

  await bold.hover();
  await expect(hint(page)).toHaveText(/^Bold\s+Ctrl B$/);
  await expect(bold).toHaveAccessibleDescription(/Ctrl B/);
  await expectAccessible(page);
  await picture(page, "hint");
  await italic.hover();
  await expect(hint(page)).toHaveText(/^Italic/);
  await expect(bold).toHaveAccessibleDescription("");
  await page.mouse.down();
  await expect(hint(page)).toHaveCount(0);
  await page.mouse.up();

  // By the keyboard at once, and not with the button that the pointer still lies on.
  await bold.focus();
  await page.keyboard.press("Tab");
  await expect(italic).toBeFocused();
  await expect(hint(page)).toHaveText(/^Italic/);
  await page.keyboard.press("Escape");
  await expect(hint(page)).toHaveCount(0);
  await expect(italic).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(hint(page)).toHaveText(/^Strikethrough/);
  await page.getByRole("textbox", { name: /^Message to/ }).focus();
  await expect(hint(page)).toHaveCount(0);
});

test("a hint goes with what it belongs to", async ({ page }) => {
  await open(page, new FakeHub(miraSnapshot()), "Ana Novik");
  const tools = page.getByRole("toolbar", { name: "What can be done with this message" });
  await expect(page.getByText("Older message number 239")).toBeAttached(); // from here on nothing moves
  const bubble = page.getByRole("group", { name: /^Ana Novik/ }).last();
  await bubble.hover();
  await tools.getByRole("button", { name: "Answer with a quote" }).hover();
  await expect(hint(page)).toHaveText(/^Answer with a quote\s+R$/);
  await row(page, "Pia Manderley").evaluate((button: HTMLElement) => button.click()); // the pointer rests where it is
  await expect(bubble).toHaveCount(0);
  await expect(hint(page)).toHaveCount(0);
});

test.describe("by touch", () => {
  test.use({ hasTouch: true });

  test("a tap tells why only plain text is offered; the next tap takes that away", async ({ page }) => {
    await open(page, new FakeHub(liamSnapshot()), "Mira Castellar");
    const note = page.getByRole("note");
    await note.tap();
    await expect(hint(page)).toContainText(await note.getAttribute("aria-label").then(String));
    await page.getByRole("textbox", { name: /^Message to/ }).tap();
    await expect(hint(page)).toHaveCount(0);
    await note.tap();
    await expect(hint(page)).toBeVisible();
    // What a button does is done by a tap, and needs no words.
    await page.getByRole("button", { name: "Emoji" }).tap();
    await expect(hint(page)).toHaveCount(0);
  });
});
