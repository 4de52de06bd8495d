import type { Attachment } from "../protocol";

/** How a file is shown. Only what the server found in the bytes counts; the name decides nothing but a warning. */
export type FileKind = "image" | "video" | "audio" | "document" | "archive" | "program" | "other";

const shown = {
  image: ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"],
  video: ["video/mp4", "video/webm", "video/ogg", "video/quicktime"],
  audio: ["audio/mpeg", "audio/ogg", "audio/wav", "audio/flac", "audio/mp4", "audio/x-m4a", "audio/aac"],
} as const;

/** Endings of names that a system opens by running them. */
const programs =
  /\.(exe|com|scr|pif|bat|cmd|msi|msp|ps1|psm1|vbs|vbe|js|jse|wsf|wsh|hta|cpl|dll|jar|lnk|url|desktop|reg|scf|inf|app|command|sh|run|appimage|deb|rpm|dmg|pkg|iso|img|apk)$/i;

const programTypes =
  /(portable-executable|x-elf|x-executable|x-sharedlib|x-mach-binary|x-msdownload|x-ms-shortcut|java-archive|x-shellscript|x-ms-installer|vnd\.android\.package-archive)/;

/** What kind of file it is (chat.ShownType decides the first three on the server). */
export function kindOf(file: Pick<Attachment, "type" | "name">): FileKind {
  for (const kind of ["image", "video", "audio"] as const) {
    if ((shown[kind] as readonly string[]).includes(file.type)) return kind;
  }
  if (programTypes.test(file.type) || programs.test(file.name)) return "program";
  if (
    /zip$|x-7z|x-rar|x-tar|gzip|x-bzip2|x-xz|zstd/.test(file.type) &&
    !/officedocument|opendocument/.test(file.type)
  ) {
    return "archive";
  }
  if (/^text\/(?!html)|pdf|msword|officedocument|opendocument|ms-excel|ms-powerpoint|rtf/.test(file.type)) {
    return "document";
  }
  return "other";
}

/** A picture of no more than this is shown as it is: in the timeline a small copy of it would gain nothing. */
const AS_IT_IS = { bytes: 200_000, side: 640 };
/** One that moves is shown as it is up to here: its small copy stands still. */
const MOVING_BYTES = 2_000_000;
/** Without a small copy a picture up to here is shown as it is; a larger one only when somebody wants to see it. */
const WITHOUT_COPY = { bytes: 10_000_000, points: 40_000_000 };

/** Whether a picture stands in the timeline as it is, rather than as its small copy. */
export function shownAsItIs(file: Pick<Attachment, "type" | "size" | "width" | "height">): boolean {
  if (file.type === "image/gif" && file.size <= MOVING_BYTES) return true;
  // Of one whose size the server cannot read it makes no copy.
  if (!file.width || !file.height) return shownWithoutCopy(file);
  return file.size <= AS_IT_IS.bytes && Math.max(file.width, file.height) <= AS_IT_IS.side;
}

/** Whether a picture that has no small copy may stand in the timeline as it is. */
export function shownWithoutCopy(file: Pick<Attachment, "size" | "width" | "height">): boolean {
  return file.size <= WITHOUT_COPY.bytes && (file.width ?? 0) * (file.height ?? 0) <= WITHOUT_COPY.points;
}

/** The ending of a name in capitals, for a sign: "PDF"; empty if it has none worth showing. */
export function endingOf(name: string): string {
  const at = name.lastIndexOf(".");
  const ending = at > 0 ? name.slice(at + 1) : "";
  return ending.length > 0 && ending.length <= 5 ? ending.toUpperCase() : "";
}

/** The beginning and the end of a name, so that a long one can be cut in its middle: the ending always shows. */
export function splitName(name: string): [string, string] {
  const tail = Math.min(12, Math.floor(name.length / 2));
  return [name.slice(0, name.length - tail), name.slice(name.length - tail)];
}

/** A size for people, in units of a thousand: "12.4 MB". */
export function sizeOf(bytes: number, locale?: string): string {
  const [value, unit] =
    bytes < 1_000 ? [bytes, "B"] : bytes < 1_000_000 ? [bytes / 1_000, "kB"] : [bytes / 1_000_000, "MB"];
  const digits = unit === "MB" && value < 99.95 ? 1 : 0;
  return `${value.toLocaleString(locale, { minimumFractionDigits: 0, maximumFractionDigits: digits })} ${unit}`;
}

/** What a message without words says in one line: the names of its files. */
export function filesLine(files: readonly { name: string }[] | undefined): string {
  return (files ?? []).map((f) => f.name).join(", ");
}
