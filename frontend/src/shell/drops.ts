import type { Shell } from "./shell";

// Where the web view keeps files from the page (`Shell.brought`), all it knows of them is that there is a list of addresses that it may
// not read, or for a picture nothing at all.

type Brings = Pick<Shell, "brought">;

/** Whether something of this page itself is dragged. */
let own = false;

/** Whether somebody drags files over the page. Where they are kept from it, a link of another program's cannot be told from them. */
export function bringsFiles(e: DragEvent, shell: Brings): boolean {
  const types = e.dataTransfer?.types ?? [];
  return types.includes("Files") || (shell.brought !== undefined && !own && types.includes(ADDRESSES));
}

/** Whether it is a link after all, now that it is let go. */
export const isLink = (from: DataTransfer): boolean =>
  !from.types.includes("Files") && from.getData(ADDRESSES) !== "";

/** The files that were dropped. */
export async function filesDropped(from: DataTransfer, shell: Brings): Promise<File[]> {
  // Read before anything is waited for: after that the event has nothing any more.
  const files = filesOf(from);
  return files.length > 0 || !shell.brought ? files : shell.brought();
}

/** The files that are pasted; null if words are. Words that come with a picture of themselves, from an office program, are words. */
export function filesPasted(from: DataTransfer, shell: Brings): Promise<File[]> | null {
  const { types } = from;
  if (shell.brought && types.includes(ADDRESSES) && from.getData(ADDRESSES) === "") return shell.brought();
  if (types.includes("text/plain") || from.getData("text/plain") !== "") return null; // some words have no type
  // A picture has no type here, or that of the page on which it was copied.
  if (shell.brought) return shell.brought();
  const files = filesOf(from);
  return files.length > 0 ? Promise.resolve(files) : null;
}

const ADDRESSES = "text/uri-list";

/** The files among what was dropped or pasted; folders cannot be read as files. */
function filesOf(from: DataTransfer): File[] {
  const items = [...from.items].filter((i) => i.kind === "file");
  return items.flatMap((item) => {
    if (item.webkitGetAsEntry?.()?.isDirectory) return [];
    const file = item.getAsFile();
    return file ? [file] : [];
  });
}

/**
 * Keeps the window where it is: a file or a link that is dropped where nothing takes it would open in its place. Text may
 * still be dragged into fields.
 */
export function stayOnDrop(shell: Brings): void {
  const stay = (e: DragEvent) => {
    if (e.defaultPrevented || (takesText(e.target) && !bringsFiles(e, shell))) return;
    e.preventDefault();
    if (e.dataTransfer) e.dataTransfer.dropEffect = "none";
  };
  // Entering counts as well: a drop may follow it at once.
  for (const type of ["dragenter", "dragover", "drop"] as const) window.addEventListener(type, stay);
  window.addEventListener("dragstart", () => {
    own = true;
  });
  window.addEventListener("dragend", () => {
    own = false;
  });
}

const takesText = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLInputElement && target.type !== "file"));
