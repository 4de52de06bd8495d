/** Whether somebody drags files over the page. */
export const bringsFiles = (e: DragEvent): boolean => e.dataTransfer?.types.includes("Files") ?? false;

/**
 * Keeps the window where it is: a file or a link that is dropped where nothing takes it would open in its place. Text may
 * still be dragged into fields.
 */
export function stayOnDrop(): void {
  const stay = (e: DragEvent) => {
    if (e.defaultPrevented || (takesText(e.target) && !bringsFiles(e))) return;
    e.preventDefault();
    if (e.dataTransfer) e.dataTransfer.dropEffect = "none";
  };
  window.addEventListener("dragover", stay);
  window.addEventListener("drop", stay);
}

const takesText = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLInputElement && target.type !== "file"));
