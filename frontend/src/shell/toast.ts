/** The notifications that are on the screen, as far as the browser tells. */
const standing = new Map<string, Notification>();

/** The worker that shows notifications, where there is one: on phones a page may not, and those that came while none was open are its. */
const worker = async () => (navigator.serviceWorker?.controller ? navigator.serviceWorker.ready : null);

/**
 * Shows a notification of the system through the browser: who wrote, never what, since it may be seen on a locked
 * screen. `conversationId` is the one it leads to, if it is of one. A later one with the same tag replaces an earlier one. Does nothing without permission. A click on one that the worker shows
 * comes back by the worker (Installed.onReveal).
 */
export function showToast(
  tag: string,
  title: string,
  conversationId: string | undefined,
  onClick: () => void,
): void {
  if (typeof Notification === "undefined" || Notification.permission !== "granted") return;
  // With `renotify` a browser shows it anew, though one with this tag may stand already.
  const options: NotificationOptions & { renotify: boolean } = { tag, icon: "./parley.svg", renotify: true };
  void worker().then((registration) => {
    if (registration) return registration.showNotification(title, { ...options, data: { conversationId } });
    const toast = new Notification(title, options);
    standing.set(tag, toast);
    toast.onclose = () => {
      if (standing.get(tag) === toast) standing.delete(tag);
    };
    toast.onclick = () => {
      toast.close();
      onClick();
    };
  });
}

/** Takes a notification away, if it is still there. */
export function clearToast(tag: string): void {
  // In the order of the calls: one that is being shown goes as well.
  void worker().then(async (registration) => {
    standing.get(tag)?.close();
    standing.delete(tag);
    for (const shown of (await registration?.getNotifications({ tag })) ?? []) shown.close();
  });
}

/** Asks for permission; true if notifications may be shown from now on. */
export async function allowToasts(): Promise<boolean> {
  return (await permission(true)) === "granted";
}

/** Whether notifications may be shown; asks the person if `ask` says so. */
export async function permission(ask: boolean): Promise<NotificationPermission> {
  if (typeof Notification === "undefined") return "denied";
  return ask ? Notification.requestPermission() : Notification.permission;
}
