import { expect, test } from "@playwright/test";
import { expectAccessible, messages, openPage, picture, programs, row, signIn, write } from "./programs";

// Quotes, reactions, mentions and emoji, against the real server: `npm run build` first.

const { demo } = programs();

test("one quotes, reacts, mentions and chooses emoji, by keys and by mouse, without a network of others", async ({
  browser,
}) => {
  const [, address] = await demo("127.0.0.1:0");
  const mira = await openPage(browser, address);
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  const liam = await openPage(browser, address, phone);
  const elsewhere: string[] = [];
  for (const page of [mira, liam])
    page.on("request", (r) => {
      if (!r.url().startsWith(address.replace(/\/$/, ""))) elsewhere.push(r.url());
    });
  await signIn(mira, "mira");
  await signIn(liam, "liam");
  await row(mira, "Liam Draycote").click();
  await row(liam, "Mira Castellan").tap();
  await write(mira, "Which of the two labels is the right one?");
  await expect(messages(liam).getByText("Which of the two labels")).toBeVisible();
  const question = (page: typeof mira) =>
    messages(page).getByRole("group").filter({ hasText: "Which of the two labels" }).first();

  await test.step("quoted from a phone; the quote leads to what it quotes", async () => {
    await question(liam).tap();
    await question(liam).getByRole("button", { name: "Answer with a quote" }).tap();
    await expect(liam.getByText("You answer:")).toBeVisible();
    await picture(liam, "answer-quoting-phone");
    await expectAccessible(liam);
    await liam.getByRole("textbox", { name: /^Message to/ }).fill("The lower one.");
    await liam.getByRole("button", { name: "Send" }).tap();
    await expect(messages(mira).getByText("The lower one.")).toBeVisible();
    await expect(messages(mira).getByRole("button", { name: "To the quoted message" })).toContainText(
      "Which of the two labels",
    );
    await messages(mira).getByRole("button", { name: "To the quoted message" }).click();
    await expect(question(mira)).toBeVisible();
  });

  await test.step("Escape lets go of the quote", async () => {
    const answer = messages(mira).getByRole("group").filter({ hasText: "The lower one." }).last();
    await answer.hover();
    await answer.getByRole("button", { name: "Answer with a quote" }).click();
    await expect(mira.getByRole("textbox", { name: /^Message to/ })).toBeFocused();
    await expect(mira.getByText("You answer:")).toBeVisible();
    await mira.keyboard.press("Escape");
    await expect(mira.getByText("You answer:")).toHaveCount(0);
  });

  await test.step("a reaction by keys alone, found by its name", async () => {
    await messages(mira).focus();
    await mira.keyboard.press("ArrowUp");
    await mira.keyboard.press("+");
    const search = mira.getByRole("searchbox", { name: "Search emoji" });
    await expect(search).toBeFocused();
    await expect(mira.getByRole("gridcell").first()).toBeVisible();
    await picture(mira, "answer-picker");
    await mira.keyboard.type("thumbs up");
    await expect(mira.getByRole("gridcell").first()).toHaveAccessibleName(/thumbs up/i);
    await expectAccessible(mira);
    await mira.keyboard.press("Enter");
    const chip = messages(liam).getByRole("button", { name: "👍 by Mira Castellan" });
    await expect(chip).toBeVisible();
    await chip.tap();
    await expect(messages(mira).getByRole("button", { name: "👍 by You, Liam Draycote" })).toBeVisible();
    await picture(liam, "answer-reactions-phone");
    await messages(liam)
      .getByRole("button", { name: /^👍 by/ })
      .blur(); // who reacted is shown as long as the chip has the focus
    await expectAccessible(liam);
    await mira.emulateMedia({ colorScheme: "dark" });
    await picture(mira, "answer-reactions-dark");
  });

  await test.step("an emoji into what one writes", async () => {
    await mira.getByRole("button", { name: "Emoji", exact: true }).click();
    await mira.keyboard.type("party");
    await expect(mira.getByRole("gridcell").first()).toHaveAccessibleName(/party/i);
    await mira.keyboard.press("Enter");
    await expect(mira.getByRole("textbox", { name: /^Message to/ })).toHaveText("🥳");
    await mira.getByRole("textbox", { name: /^Message to/ }).fill("");
  });

  await test.step("a mention is completed by keys and marked for whom it is meant", async () => {
    const field = mira.getByRole("textbox", { name: /^Message to/ });
    await field.pressSequentially("Thanks, @li");
    const people = mira.getByRole("listbox", { name: "People to mention" });
    await expect(people.getByRole("option", { name: /Liam Draycote/ })).toBeVisible();
    await picture(mira, "answer-mention-dark");
    await mira.keyboard.press("Enter");
    await expect(field).toHaveText("Thanks, @Liam Draycote ");
    await mira.keyboard.press("Enter");
    await expect(messages(liam).locator("[data-mentioned]")).toContainText("@Liam Draycote");
    await picture(liam, "answer-mentioned-phone");
    await expectAccessible(liam);
  });

  await test.step("what is deleted is gone from quotes as well", async () => {
    await question(mira).hover();
    await question(mira).getByRole("button", { name: "Delete" }).click();
    await mira.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect(messages(liam).getByRole("button", { name: "To the quoted message" })).toContainText(
      "Message deleted",
    );
    await expect(messages(liam).getByText("Which of the two labels")).toHaveCount(0);
  });
  expect(elsewhere).toEqual([]);
});
