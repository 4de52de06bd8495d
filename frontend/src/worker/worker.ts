import { type Bundle, BundleCache } from "./bundle";
import { shownOf } from "./notice";
import type { WorkerMessage, WorkerScope } from "./scope";
import { keptWords } from "./words";

// The service worker, a program of its own beside the page: it opens the page without a connection, and shows notices while no page
// is open. It never sees a message but in a notice, and keeps none.

declare const self: WorkerScope;
/** Put in when it is built. */
declare const __BUNDLE__: Bundle;

const base = self.location.href.slice(0, self.location.href.lastIndexOf("/") + 1);
const bundle = new BundleCache(__BUNDLE__, base, caches, (request) => fetch(request));

self.addEventListener("install", (e) => e.waitUntil(bundle.fill()));

// Pages that were open before there was a worker are taken over, so that they open without a connection next time.
self.addEventListener("activate", (e) => e.waitUntil(bundle.removeOthers().then(() => self.clients.claim())));

self.addEventListener("fetch", (e) => {
  const file = bundle.fileOf(e.request);
  if (file) e.respondWith(bundle.answer(file, e.request));
});

// A newer worker waits until somebody wants the newer page.
self.addEventListener("message", (e) => {
  if ((e.data as WorkerMessage | null)?.do === "takeOver") void self.skipWaiting();
});

self.addEventListener("push", (e) => e.waitUntil(tell(e.data)));

async function tell(data: { json(): unknown } | null): Promise<void> {
  const told = data?.json();
  const { gone, tag } = (told ?? {}) as { gone?: boolean; tag?: string };
  if (gone && tag) {
    for (const shown of await self.registration.getNotifications({ tag })) shown.close();
    return;
  }
  const shown = shownOf(told, await keptWords(caches));
  if (shown) await self.registration.showNotification(shown.title, shown.options);
}

self.addEventListener("notificationclick", (e) => {
  e.notification.close();
  const { conversationId } = (e.notification.data ?? {}) as { conversationId?: string };
  e.waitUntil(reveal(conversationId));
});

/** Goes to a conversation, in a page that is open or a new one; without one, to the list. */
async function reveal(conversationId?: string): Promise<void> {
  const [page] = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (!page) {
    await self.clients.openWindow(
      conversationId ? `${base}?conversation=${encodeURIComponent(conversationId)}` : base,
    );
    return;
  }
  const message: WorkerMessage = { do: "reveal", conversationId };
  (await page.focus().catch(() => page)).postMessage(message);
}
