/** The fields of a mail that a link may fill in. Others do more than a reader sees: old programs attach what "attach" names. */
const mailFields = new Set(["subject", "body", "cc", "bcc"]);

/**
 * The address to open for what somebody wrote, or null if Parley does not open such a thing: only http and https with a
 * plain host, mailto and tel. Everything else (ms-msdt:, smb:, javascript:, a bare path …) could start a program or leave
 * the window. The desktop judges again by the same rules (app/link.go); both are held to backend/chat/testdata/links.json.
 */
export function safeLink(raw: string): string | null {
  const text = raw.trim();
  if (/\p{Cc}/u.test(text)) return null;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  switch (url.protocol) {
    case "http:":
    case "https:":
      // A "-" in front would be an option to many a program.
      return /^[a-z0-9][a-z0-9._-]*$/.test(url.hostname) && !url.username && !url.password ? url.href : null;
    case "mailto:":
      return safeMail(url);
    case "tel:": {
      const number = url.pathname.replace(/[-.() ]|%20/g, "");
      return /^\+?[0-9*#]{1,32}$/.test(number) ? `tel:${number}` : null;
    }
    default:
      return null;
  }
}

/**
 * A mailto address made anew, with who is written to and `mailFields` only. Everything is judged as the mail program will
 * read it, after decoding: a line break would begin a header of its own, and stands in the body alone.
 */
function safeMail(url: URL): string | null {
  const to: string[] = [];
  for (const one of url.pathname.split(",")) {
    const address = decodeMail(one, false);
    if (address === null || !/^[\p{L}\p{N}_]/u.test(address)) return null;
    to.push(encodeMail(address).replaceAll("%40", "@").replaceAll("%2B", "+"));
  }
  const fields: string[] = [];
  for (const field of url.search.slice(1).split("&")) {
    const [key = "", ...rest] = field.split("=");
    const name = decodeMail(key, false)?.toLowerCase();
    if (name === undefined) return null;
    if (!mailFields.has(name)) continue;
    const value = decodeMail(rest.join("="), name === "body");
    if (value === null) return null;
    fields.push(`${name}=${encodeMail(value)}`);
  }
  return `mailto:${to.join(",")}${fields.length > 0 ? "?" : ""}${fields.join("&")}`;
}

/** A part of a mailto address without its encoding, in which "+" stands for itself; null if it holds what no mail may. */
function decodeMail(part: string, lines: boolean): string | null {
  try {
    const text = decodeURIComponent(part);
    return /\p{Cc}/u.test(lines ? text.replace(/[\r\n\t]/g, "") : text) ? null : text;
  } catch {
    return null;
  }
}

function encodeMail(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*~]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Where a link really leads, for the tooltip: the host of a web address, else the address itself. */
export function linkTarget(href: string): string {
  try {
    const url = new URL(href);
    return url.protocol.startsWith("http") ? url.host : href;
  } catch {
    return href;
  }
}

/**
 * Makes an address of what somebody typed into the link field: "parley.example/x" becomes https. Null if it is
 * nothing that may be opened.
 */
export function linkFromInput(input: string): string | null {
  const text = input.trim();
  if (!text || /\s/.test(text)) return null;
  if (/^[^@/:]+@[^@/:]+\.[^@/:]+$/.test(text)) return safeLink(`mailto:${text}`);
  // "host:8080/path" parses as a scheme, so only a known scheme counts as one.
  return /^(https?|mailto|tel):/i.test(text)
    ? safeLink(text)
    : /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(text)
      ? null
      : safeLink(`https://${text}`);
}
