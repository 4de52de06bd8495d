/** The notifications that are on the screen, as far as the browser tells. */
const standing = new Map<string, Notification>();

/**
 * Shows a notification of the system through the browser: who wrote, never what, since it may be seen on a locked
 * screen. A later one with the same tag replaces an earlier one. Does nothing without permission.
 */
export function showToast(tag: string, title: string, onClick: () => void): void {
  if (typeof Notification === "undefined" || Notification.permission !== "granted") return;
  // With `renotify` a browser shows it anew, though one with this tag may stand already.
  const options: NotificationOptions & { renotify: boolean } = { tag, icon: "./parley.svg", renotify: true };
  const toast = new Notification(title, options);
  standing.set(tag, toast);
  toast.onclose = () => {
    if (standing.get(tag) === toast) standing.delete(tag);
  };
  toast.onclick = () => {
    toast.close();
    onClick();
  };
}

/** Takes a notification away, if it is still there. */
export function clearToast(tag: string): void {
  standing.get(tag)?.close();
  standing.delete(tag);
}

/** Asks for permission; true if notifications may be shown from now on. */
export async function allowToasts(): Promise<boolean> {
  if (typeof Notification === "undefined") return false;
  return (await Notification.requestPermission()) === "granted";
}
