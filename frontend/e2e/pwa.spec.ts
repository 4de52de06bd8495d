import { createServer, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import {
  type Browser,
  type BrowserContextOptions,
  type CDPSession,
  expect,
  type Page,
  test,
} from "@playwright/test";
import { expectAccessible, openPage, picture, programs, row, signIn } from "./programs";

// The page as something that is installed on a phone: its manifest, its service worker, opening without a connection, newer versions,
// and notices while no page is open. The server and the browser are the real ones; only the push service stands in for another.

const { demo } = programs();
let SERVER = "";
const PHONE = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  permissions: ["notifications"],
};

test.beforeAll(async () => {
  [, SERVER] = await demo("127.0.0.1:0");
});

const active = (page: Page) =>
  page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    return active?.scriptURL;
  });

const controlled = (page: Page) => page.waitForFunction(() => navigator.serviceWorker.controller !== null);

/** What the browser is asked of service workers, beside the page. */
async function workers(page: Page): Promise<{ cdp: CDPSession; registration: () => string }> {
  const cdp = await page.context().newCDPSession(page);
  let id = "";
  cdp.on("ServiceWorker.workerRegistrationUpdated", (e) => {
    for (const r of e.registrations) if (!r.isDeleted) id = r.registrationId;
  });
  await cdp.send("ServiceWorker.enable");
  await expect.poll(() => id).not.toBe("");
  return { cdp, registration: () => id };
}

const shown = (page: Page) =>
  page.evaluate(async () => {
    const all = await (await navigator.serviceWorker.ready).getNotifications();
    return all.map(({ tag, title, body }) => ({ tag, title, body }));
  });

const push = async (page: Page, notice: unknown) => {
  const { cdp, registration } = await workers(page);
  await cdp.send("ServiceWorker.deliverPushMessage", {
    origin: SERVER,
    registrationId: registration(),
    data: JSON.stringify(notice),
  });
  await cdp.detach();
};

/** The conversation that is shown, by what this page keeps of where one was. */
const openTalk = (page: Page) =>
  page.evaluate(() => {
    const state = history.state as { conversationId?: string } | null;
    return state?.conversationId ?? "";
  });

async function onPhone(browser: Browser, url = "", more: BrowserContextOptions = {}): Promise<Page> {
  const page = await openPage(browser, url || SERVER, { ...PHONE, ...more });
  await signIn(page, "liam");
  await controlled(page);
  return page;
}

test("the page can be installed: its manifest and its icons are whole", async ({ browser }) => {
  const page = await openPage(browser, SERVER, PHONE);
  const cdp = await page.context().newCDPSession(page);
  const { errors, url, data } = await cdp.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  expect(url).toBe(`${SERVER}/app.webmanifest`);
  const manifest = JSON.parse(data ?? "{}") as { display: string; icons: { src: string; sizes: string }[] };
  expect(manifest.display).toBe("standalone");
  for (const { src, sizes } of manifest.icons) {
    const size = await page.evaluate(async (src) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      return `${image.naturalWidth}x${image.naturalHeight}`;
    }, src);
    if (sizes !== "any") expect(size).toBe(sizes);
  }
  await controlled(page);
  expect(await active(page)).toBe(`${SERVER}/worker.js`);
  const { installabilityErrors } = await cdp.send("Page.getInstallabilityErrors");
  expect(installabilityErrors.filter((e) => e.errorId !== "in-incognito")).toEqual([]);
});

test("without a connection the page opens, says so, and keeps nothing that was said", async ({ browser }) => {
  const page = await onPhone(browser);
  await expect(row(page, "Mira Castellan")).toBeVisible();
  const kept = await page.evaluate(async () => {
    const all: string[] = [];
    for (const name of await caches.keys())
      for (const request of await (await caches.open(name)).keys()) all.push(new URL(request.url).pathname);
    return all;
  });
  expect(kept).toContain("/index.html");
  expect(kept.filter((p) => p.startsWith("/v1"))).toEqual([]);

  await page.context().setOffline(true);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Parley cannot reach its server" })).toBeVisible();
  await expect(page.getByRole("status")).toHaveCSS("opacity", "1"); // it comes slowly, in case it is over at once
  await expectAccessible(page);
  await picture(page, "pwa-offline");
  await page.context().setOffline(false);
  // It comes back by itself.
  await expect(row(page, "Mira Castellan")).toBeVisible();
});

/** The server behind an address of its own that gives another worker out, as a newer release would. */
async function released(
  worker: (now: string) => string,
): Promise<{ url: string; release: () => void; close: () => void }> {
  let newer = false;
  const proxy = createServer((asked, answer) => {
    const on = request(
      {
        host: "127.0.0.1",
        port: new URL(SERVER).port,
        path: asked.url,
        method: asked.method,
        headers: { ...asked.headers, "accept-encoding": "identity", "if-none-match": "" },
      },
      (got) => {
        if (!newer || asked.url !== "/worker.js") {
          answer.writeHead(got.statusCode ?? 502, got.headers);
          got.pipe(answer);
          return;
        }
        let text = "";
        got.on("data", (part: Buffer) => {
          text += String(part);
        });
        got.on("end", () => {
          const { "content-length": _, etag: __, ...headers } = got.headers;
          answer.writeHead(200, headers).end(worker(text));
        });
      },
    );
    on.on("error", () => answer.destroy());
    asked.pipe(on);
  });
  proxy.on("upgrade", (asked, socket) => {
    const on = connect(Number(new URL(SERVER).port), "127.0.0.1", () => {
      const headers = asked.rawHeaders.flatMap((h, i, all) => (i % 2 ? [] : [`${h}: ${all[i + 1]}`]));
      on.write([`${asked.method} ${asked.url} HTTP/1.1`, ...headers, "", ""].join("\r\n"));
      on.pipe(socket).pipe(on);
    });
    on.on("error", () => socket.destroy());
    socket.on("error", () => on.destroy());
  });
  await new Promise<void>((ready) => proxy.listen(0, "127.0.0.1", ready));
  const { port } = proxy.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    release: () => {
      newer = true;
    },
    close: () => {
      proxy.close();
      proxy.closeAllConnections();
    },
  };
}

test("a newer version is offered, and loaded when it is wanted", async ({ browser }) => {
  const server = await released((now) => now.replace(/version:`\w+`/, "version:`newer`"));
  const page = await onPhone(browser, server.url);
  server.release();
  await page.evaluate(async () => {
    await (await navigator.serviceWorker.ready).update();
  });
  const news = page.getByRole("region", { name: "New version" });
  await expect(news).toBeVisible();
  await expectAccessible(page);
  await picture(page, "pwa-update");
  await page.evaluate(() => Object.assign(window, { before: true }));
  await news.getByRole("button", { name: "Load it now" }).click();
  await page.waitForFunction(() => !("before" in window));
  await expect(row(page, "Mira Castellan")).toBeVisible();
  await expect(news).toBeHidden();
  const bundles = await page.evaluate(async () =>
    (await caches.keys()).filter((n) => n.startsWith("parley-bundle-")),
  );
  expect(bundles).toEqual(["parley-bundle-newer"]);
  await page.context().close();
  server.close();
});

/** Clicks on a notification, as the system would have it. */
async function click(page: Page, tag: string): Promise<void> {
  const context = page.context();
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  await worker.evaluate(async (tag) => {
    type Scope = {
      registration: ServiceWorkerRegistration;
      NotificationEvent: new (type: string, o: unknown) => Event;
    };
    const scope = self as unknown as Scope & EventTarget;
    const [notification] = await scope.registration.getNotifications({ tag });
    const event = new scope.NotificationEvent("notificationclick", { notification });
    // Only the system's own events may wait; this one is over at once.
    Object.defineProperty(event, "waitUntil", { value: () => {} });
    scope.dispatchEvent(event);
  }, tag);
}

test("a notice is shown as text, and a click opens the conversation, here or in a new page", async ({
  browser,
}) => {
  const page = await onPhone(browser);
  await row(page, "Mira Castellan").click();
  await expect(page.getByRole("textbox", { name: "Message to Mira Castellan" })).toBeVisible();
  const talk = await openTalk(page);
  await page.goBack();
  await expect(row(page, "Mira Castellan")).toBeVisible();

  // Notices come while nobody looks: the page takes away what one sees in it anyway.
  await page.goto(`${SERVER}/icons/192.png`);
  await push(page, { tag: "several", messages: 5, conversations: 4 });
  await push(page, { tag: "d.x.y", conversationId: "d.x.y", from: "<b>Mira</b>", messages: 1 });
  await push(page, {
    tag: "d.x.z",
    conversationId: "d.x.z",
    from: "Mira",
    room: "Glass",
    text: "Look",
    messages: 3,
  });
  await expect.poll(() => shown(page)).toHaveLength(3);
  expect(await shown(page)).toEqual(
    expect.arrayContaining([
      { tag: "several", title: "Parley", body: "5 new messages in 4 conversations" },
      { tag: "d.x.y", title: "<b>Mira</b>", body: "New message" },
      { tag: "d.x.z", title: "Mira, Glass", body: "New messages: 3: Look" },
    ]),
  );
  await push(page, { tag: "d.x.y", gone: true });
  await expect.poll(() => shown(page)).toHaveLength(2);
  await push(page, { tag: talk, conversationId: talk, from: "Mira Castellan", messages: 1 });
  await expect.poll(() => shown(page)).toHaveLength(3);

  await page.goto(SERVER);
  await expect(row(page, "Mira Castellan")).toBeVisible();
  // Whoever has the list before them needs not be told that there is something in it; of one conversation they do.
  await expect.poll(async () => (await shown(page)).map((n) => n.tag).sort()).toEqual([talk, "d.x.z"].sort());
  await click(page, talk);
  await expect(page.getByRole("textbox", { name: "Message to Mira Castellan" })).toBeVisible();
  await expect.poll(async () => (await shown(page)).map((n) => n.tag)).toEqual(["d.x.z"]);

  await page.goto(`${SERVER}/?conversation=${encodeURIComponent(talk)}`);
  await expect(page.getByRole("textbox", { name: "Message to Mira Castellan" })).toBeVisible();
  await expect(page).toHaveURL(`${SERVER}/`);
});

test("the switch says what holds on this device, and why something cannot be", async ({ browser }) => {
  for (const [dark, german] of [
    [false, false],
    [true, true],
  ] as const) {
    const page = await onPhone(browser, SERVER, { colorScheme: dark ? "dark" : "light" });
    if (german) {
      await page.getByRole("button", { name: "Settings" }).click();
      await page.getByRole("radio", { name: "Deutsch" }).click();
      await page.getByRole("button", { name: "Mitteilungen" }).click();
    } else {
      await page.getByRole("button", { name: "Settings" }).click();
      await page.getByRole("button", { name: "Notifications" }).click();
    }
    const on = page.getByRole("switch", {
      name: german
        ? "Auf diesem Gerät auch, wenn Parley geschlossen ist"
        : "On this device also when Parley is closed",
    });
    await on.scrollIntoViewIfNeeded();
    await expect(on).toHaveAttribute("aria-checked", "false");
    // This browser has no service behind it that passes anything on.
    await on.click();
    await expect(
      page.getByText(german ? /nicht den Dienst|erreicht den Dienst nicht/ : /does not get through/),
    ).toBeVisible();
    await expect(on).toHaveAttribute("aria-checked", "false");
    await expectAccessible(page);
    await picture(page, german ? "pwa-push-german-dark" : "pwa-push");
    await page.context().close();
  }
});
