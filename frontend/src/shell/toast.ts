/**
 * Shows a notification of the system through the browser: who wrote, never what, since it may be seen on a locked
 * screen. Does nothing without permission.
 */
export function showToast(tag: string, title: string, onClick: () => void): void {
  if (typeof Notification === "undefined" || Notification.permission !== "granted") return;
  const toast = new Notification(title, { tag, icon: "./parley.svg" });
  toast.onclick = () => {
    toast.close();
    onClick();
  };
}

/** Asks for permission; true if notifications may be shown from now on. */
export async function allowToasts(): Promise<boolean> {
  if (typeof Notification === "undefined") return false;
  return (await Notification.requestPermission()) === "granted";
}
