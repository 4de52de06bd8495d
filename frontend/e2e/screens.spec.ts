import { test } from "@playwright/test";
import { FakeHub, ORIGIN } from "./fakehub";
import { liamSnapshot, miraSnapshot, NOW, threeSessions } from "./world";

// Pictures of every screen, to be looked at: SCREENS=folder npx playwright test screens
const OUT = process.env.SCREENS ?? "";

const accountDialogs = [
  ["devices", "Your devices"],
  ["password", "Change password"],
] as const;

test("screens", async ({ browser }) => {
  test.skip(!OUT, "set SCREENS to a folder");
  for (const theme of ["light", "dark"] as const) {
    const page = await browser.newPage({
      colorScheme: theme,
      viewport: { width: 1440, height: 900 },
      reducedMotion: "reduce",
      timezoneId: "UTC",
    });
    page.on("console", (m) => ["error", "warning"].includes(m.type()) && console.log(theme, m.text()));
    page.on("pageerror", (e) => console.log(theme, e));
    await page.clock.install({ time: NOW });
    const hub = new FakeHub(miraSnapshot(), { now: () => NOW });
    await hub.attach(page);
    await page.goto(ORIGIN);
    await page.getByRole("button", { name: /Liam Draycote/ }).click();
    await page
      .getByRole("button", { name: /Pia Manderley/ })
      .first()
      .click();
    await page.getByRole("listitem").filter({ hasText: "Ana Novik" }).getByRole("button").click();
    hub.say("d.mira.pia", "pia", "Ticket 20418 is closed.");
    await page.getByRole("textbox", { name: /Message to Ana/ }).waitFor();
    await page.clock.runFor(2000);
    hub.refuse = {
      code: "denied",
      text: "no",
      refusal: { gate: "personal", rule: "personal.startNotIncluded" },
    };
    await page.keyboard.type("Refund form, step 2");
    await page.keyboard.press("Enter");
    await page.clock.runFor(2000);
    hub.refuse = null;
    await page.keyboard.type("I have told her: today, 16:00 to 18:00.");
    await page.keyboard.press("Enter");
    hub.send({ signals: [{ type: "typing", conversationId: "d.ana.mira", userId: "ana", typing: true }] });
    await page.keyboard.type("Yes, the clinic is mine. ");
    await page.keyboard.press("Control+b");
    await page.keyboard.type("Please leave");
    await page.keyboard.press("Control+b");
    await page.keyboard.type(" the glass wrapped");
    await page.clock.runFor(300);
    await page.screenshot({ path: `${OUT}/agent-${theme}.png` });
    await page.getByRole("button", { name: "Why?" }).first().click();
    await page.clock.runFor(400);
    await page.screenshot({ path: `${OUT}/refused-${theme}.png` });
    await page.keyboard.press("Escape");
    await page.clock.runFor(400);
    await hub.cut();
    await page.clock.runFor(100);
    await page.getByRole("textbox", { name: /Message to Ana/ }).click();
    await page.keyboard.press("Enter");
    await page.keyboard.type("The old box can go with the driver too.");
    await page.keyboard.press("Enter");
    await page.clock.runFor(60000);
    await page.screenshot({ path: `${OUT}/offline-${theme}.png` });
    hub.up();
    await page.clock.runFor(40000);
    await page.keyboard.press("Control+k");
    await page.clock.runFor(300);
    await page.keyboard.type("li");
    await page.clock.runFor(500);
    await page.screenshot({ path: `${OUT}/palette-${theme}.png` });
    await page.keyboard.press("Escape");
    await page.clock.runFor(300);
    await page.getByRole("navigation", { name: "Main" }).getByRole("button", { name: "People" }).click();
    await page.getByRole("button", { name: "Experts" }).click();
    await page.getByRole("button", { name: /Farid/ }).click();
    await page.getByRole("button", { name: "Why?" }).click();
    await page.clock.runFor(500);
    await page.screenshot({ path: `${OUT}/why-${theme}.png` });
    await page.keyboard.press("Escape");
    await page.clock.runFor(300);
    await page.getByRole("button", { name: "Settings" }).click();
    await page.clock.runFor(300);
    await page.screenshot({ path: `${OUT}/settings-${theme}.png` });
    await page.keyboard.press("Escape");
    await page.clock.runFor(300);
    hub.sessions = threeSessions();
    for (const [key, name] of accountDialogs) {
      await page.getByRole("button", { name: "Settings" }).click();
      await page.clock.runFor(300);
      await page.getByRole("button", { name }).click();
      await page.clock.runFor(500);
      if (key === "password") await page.keyboard.press("Enter");
      await page.screenshot({ path: `${OUT}/${key}-${theme}.png` });
      await page.keyboard.press("Escape");
      await page.clock.runFor(300);
    }
    await hub.cut();
    await page.getByRole("button", { name: /Your status/ }).click();
    await page.clock.runFor(300);
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.clock.runFor(2000);
    await page.screenshot({ path: `${OUT}/sign-out-${theme}.png` });
    await page.keyboard.press("Escape");
    await page.clock.runFor(300);
    await page.getByRole("button", { name: /Your status/ }).click();
    await page.clock.runFor(300);
    await page.screenshot({ path: `${OUT}/status-${theme}.png` });
    await page.close();
  }
  const sizes = await browser.newPage({
    viewport: { width: 1100, height: 760 },
    timezoneId: "UTC",
    reducedMotion: "no-preference",
  });
  await sizes.clock.install({ time: NOW });
  const busy = new FakeHub(miraSnapshot(), { now: () => NOW });
  await busy.attach(sizes);
  await sizes.goto(ORIGIN);
  await sizes.getByRole("button", { name: /Winnie Yarrow/ }).click();
  busy.say("d.mira.pia", "pia", "Ticket 20418 is closed.");
  await sizes.clock.runFor(1100);
  await sizes.screenshot({ path: `${OUT}/width-1100.png` });
  await sizes.getByRole("button", { name: /card/ }).click();
  await sizes.clock.runFor(500);
  await sizes.screenshot({ path: `${OUT}/width-1100-card.png` });
  await sizes.setViewportSize({ width: 820, height: 700 });
  await sizes.clock.runFor(500);
  await sizes.screenshot({ path: `${OUT}/width-820.png` });
  await sizes.setViewportSize({ width: 1440, height: 900 });
  await sizes.getByRole("button", { name: "Settings" }).click();
  await sizes.clock.runFor(400);
  await sizes.getByRole("radio", { name: "Deutsch" }).click();
  await sizes.clock.runFor(800);
  await sizes.screenshot({ path: `${OUT}/german.png` });
  busy.sessions = threeSessions();
  await sizes.getByRole("button", { name: "Ihre Geräte" }).click();
  await sizes.clock.runFor(800);
  await sizes.screenshot({ path: `${OUT}/german-devices.png` });
  await sizes.close();
  const signIn = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await new FakeHub(miraSnapshot(), { signedIn: false }).attach(signIn);
  await signIn.goto(ORIGIN);
  await signIn.getByRole("button", { name: "Sign in" }).click();
  await signIn.screenshot({ path: `${OUT}/sign-in.png` });
  await signIn.close();
  const phone = await browser.newPage({
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
    timezoneId: "UTC",
    reducedMotion: "reduce",
  });
  phone.on("pageerror", (e) => console.log("phone", e));
  await phone.clock.install({ time: NOW });
  const hub = new FakeHub(liamSnapshot(), { now: () => NOW });
  await hub.attach(phone);
  await phone.goto(ORIGIN);
  await phone.getByRole("button", { name: /Mira/ }).waitFor();
  await phone.clock.runFor(400);
  await phone.screenshot({ path: `${OUT}/phone-list.png` });
  hub.sessions = threeSessions();
  for (const [key, name] of accountDialogs) {
    await phone.getByRole("button", { name: "Settings" }).click();
    await phone.clock.runFor(300);
    if (key === "devices") await phone.screenshot({ path: `${OUT}/phone-settings.png` });
    await phone.getByRole("button", { name }).click();
    await phone.clock.runFor(500);
    await phone.screenshot({ path: `${OUT}/phone-${key}.png` });
    await phone.keyboard.press("Escape");
    await phone.clock.runFor(300);
  }
  await phone.getByRole("button", { name: /Mira/ }).click();
  await phone.getByRole("textbox").fill("Lower left corner, next to the hinge");
  await phone.getByRole("button", { name: "Send" }).click();
  hub.send({ signals: [{ type: "typing", conversationId: "d.liam.mira", userId: "mira", typing: true }] });
  await phone.getByRole("textbox").fill("If not, a photo of the frame is enough");
  await phone.clock.runFor(400);
  await phone.screenshot({ path: `${OUT}/phone-conversation.png` });
});
