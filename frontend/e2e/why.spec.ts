import { expect, type Page, test } from "@playwright/test";
import { expectAccessible, openPage, picture, programs, signIn, write } from "./programs";

// WHY-1..4 with the real server: why something is refused, asking for it, what granting it changes, and what was true before.

test.describe.configure({ mode: "serial" });
const { demo } = programs();

let address: string;
let mira: Page;
let tove: Page;
/** The moment before the request was granted. */
let before: Date;

const open = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Settings pages" }).getByRole("button", { name, exact: true }).click();
const openPerson = async (page: Page, name: string) => {
  await page.getByRole("navigation", { name: "Main" }).getByRole("button", { name: "People" }).click();
  await page.getByRole("listitem").filter({ hasText: name }).getByRole("button").click();
};
/** Chooses a person in a field by typing, as one does without a mouse. */
const choose = async (page: Page, field: string, name: string) => {
  await page.getByRole("combobox", { name: field, exact: true }).fill(name);
  await page.keyboard.press("Enter");
};

test("an agent who is refused asks for the right, an administrator sees what it changes and applies it", async ({
  browser,
}) => {
  [, address] = await demo("127.0.0.1:0");
  mira = await openPage(browser, address);
  tove = await openPage(browser, address);
  await signIn(mira, "mira");
  await signIn(tove, "tove");
  await tove
    .getByRole("navigation", { name: "Main" })
    .getByRole("button", { name: "Administration" })
    .click();
  await open(tove, "Requests");
  await expect(tove.getByText("No open requests")).toBeVisible();

  await openPerson(mira, "Farid Talesh");
  const start = mira.getByRole("button", { name: "New message" });
  await expect(start).toBeDisabled();
  await mira.getByRole("button", { name: "Why?" }).click();
  const why = mira.getByRole("dialog");
  await expect(why).toContainText("You may not write to Farid first");
  await expect(why).toContainText("Add Experts to your Start");
  await expect(why.getByRole("listitem").filter({ hasText: "Personal" })).toContainText("refused");
  await expect(why).toContainText("Goes to 2 administrators");
  await why.getByRole("textbox").fill("Customs papers for order 20418");
  await expectAccessible(mira);
  await picture(mira, "why-panel");
  await mira.keyboard.press("Enter");
  await expect(why).toContainText("An administrator decides");
  await picture(mira, "why-asked");

  // It is there without looking for it.
  const request = tove.getByRole("article", { name: "Mira Castellan asks to write to Farid Talesh" });
  await expect(request).toContainText("Customs papers for order 20418");
  await expect(request).toContainText("Add Experts to Mira Castellan’s Start");
  await expect(request).toContainText("6 pairs gained");
  await request.getByRole("button", { name: "Details" }).click();
  await expect(request.getByRole("region", { name: "Gained" })).toContainText("may write first");
  await expectAccessible(tove);
  await picture(tove, "why-request");
  await request.getByRole("textbox").fill("Until the customs case is closed");
  before = new Date();
  await request.getByRole("button", { name: "Apply" }).click();
  await expect(tove.getByRole("region", { name: "Decided" })).toContainText("applied");

  await expect(mira.getByText("Your request was granted: write to Farid Talesh")).toBeVisible();
  await expect(mira.getByText("Until the customs case is closed")).toBeVisible();
  await expectAccessible(mira);
  await picture(mira, "why-granted");
  await mira.keyboard.press("Escape"); // the notice
  await expect(mira.getByText("Your request was granted: write to Farid Talesh")).toHaveCount(0);
  await mira.keyboard.press("Escape"); // and the panel, if it is still open
  await expect(mira.getByRole("dialog")).toHaveCount(0);
  // The button has come alive without signing in again.
  await start.click();
  await write(mira, "Could you look at the papers of order 20418?");
  await expect(mira.getByRole("region", { name: /^Messages/ })).toContainText("order 20418");
});

test("a request is declined with a note, and can be made again", async () => {
  // An administrator who looks at something else is told, and the number stays until it is decided.
  await openPerson(tove, "Idris Falkner");
  await openPerson(mira, "Idris Falkner");
  await mira.getByRole("button", { name: "Why?" }).click();
  const why = mira.getByRole("dialog");
  await why.getByRole("button", { name: "Request" }).click();
  await expect(why).toContainText("An administrator decides");
  const waits = tove
    .getByRole("navigation", { name: "Main" })
    .getByRole("button", { name: "Administration 1 request waits" });
  await expect(waits).toBeVisible();
  const told = tove.getByRole("status").filter({ hasText: "Mira Castellan asks to be allowed something" });
  await expect(told).toBeVisible();
  await expectAccessible(tove);
  await picture(tove, "why-told");
  await told.getByRole("button", { name: "Look at it" }).click();
  await expect(told).toHaveCount(0);
  const request = tove.getByRole("article", { name: /asks to write to Idris Falkner/ });
  await request.getByRole("textbox").fill("Write to your supervisor");
  await request.getByRole("button", { name: "Decline" }).click();
  await expect(request).toHaveCount(0);
  await expect(waits).toHaveCount(0);
  await expect(why).toContainText("Write to your supervisor");
  await expect(why.getByRole("button", { name: "Request" })).toBeVisible();
  await picture(mira, "why-declined");
});

test("an administrator asks about any two, now and before", async () => {
  await open(tove, "Explain");
  await expect(tove.getByText("Choose two people")).toBeVisible();
  await picture(tove, "why-explain-empty");
  await choose(tove, "Who", "Mira");
  await choose(tove, "To whom", "Farid");
  const answer = tove.getByRole("article", { name: "Answer" });
  // The demo's Farid may have answered her by now.
  await expect(answer.getByRole("status")).toHaveText(
    /^Yes: Mira Castellan may (write first to|answer) Farid Talesh\.$/,
  );
  await choose(tove, "To whom", "Idris");
  await expect(answer).toContainText("Start of Mira Castellan does not include Idris Falkner");
  await expect(answer).toContainText("Tove Almgard");
  await expect(answer).toContainText("Add Administrators to Mira Castellan’s Start");
  await expect(answer).toContainText("2 pairs gained");
  await expectAccessible(tove);
  await picture(tove, "why-explain");

  // By the rules of before the request was granted.
  await choose(tove, "To whom", "Farid");
  await tove.getByLabel("When").fill(local(before));
  await expect(answer.getByRole("status")).toHaveText(
    "No: Mira Castellan could not write first to Farid Talesh then.",
  );
  await expect(answer).toContainText("Rules are kept since");
  await picture(tove, "why-then");
  await tove.getByLabel("When").fill("2001-01-01T00:00");
  await expect(tove.getByRole("alert")).toContainText("The history of rules does not reach to that moment.");
});

/** A time as its field takes it, in whole seconds. */
function local(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

test("health names what is odd, and leads to where it is mended", async () => {
  await open(tove, "Health");
  await expect(tove.getByRole("heading", { name: "Health" })).toBeVisible();
  await expect(tove.getByText("1 agent can write to no supervisor")).toBeVisible();
  await expect(tove.getByText("Una Westerly")).toBeVisible();
  await expectAccessible(tove);
  await picture(tove, "why-health");
  await tove.emulateMedia({ colorScheme: "dark" });
  await picture(tove, "why-health-dark");
  await open(tove, "Requests");
  await picture(tove, "why-requests-dark");
  await open(tove, "Health");
  await tove.getByRole("button", { name: /mended: 1 agent can write to no supervisor/ }).click();
  await expect(tove.getByRole("dialog", { name: "Una Westerly" })).toBeVisible();
  await tove.keyboard.press("Escape");
});

test("before saving one sees what it changes", async () => {
  await tove.emulateMedia({ colorScheme: "light" });
  await open(tove, "Agent features");
  await tove.getByRole("radio", { name: "Superiors only" }).check();
  const what = tove.getByRole("region", { name: "What changes" });
  await expect(what).toContainText(/\d+ pairs lost/);
  await what.getByRole("button", { name: "Details" }).click();
  await expect(what.getByRole("region", { name: "Conversations cut" })).toBeVisible();
  await expectAccessible(tove);
  await picture(tove, "why-changes");
  await tove.getByRole("button", { name: "Cancel" }).click();
  await expect(what).toHaveCount(0);

  await open(tove, "Agents, Teams and Queues");
  await tove.getByRole("button", { name: "Messaging settings of Jonas Veldt" }).click();
  const drawer = tove.getByRole("dialog", { name: "Jonas Veldt" });
  await drawer.getByRole("switch", { name: "Replies" }).click();
  await drawer.getByRole("switch", { name: "Start" }).click();
  await expect(drawer.getByRole("region", { name: "What changes" })).toContainText(
    "Jonas Veldt could then write to no supervisor at all.",
  );
  await expectAccessible(tove);
  await picture(tove, "why-drawer");
});
