const allowed = new Set(["http:", "https:", "mailto:", "tel:"]);

/**
 * The address to open for what somebody wrote, or null if Parley does not open such a thing: only http, https,
 * mailto and tel, and of the first two only with a host. Everything else (ms-msdt:, smb:, javascript:, a bare
 * path …) could start a program or leave the window.
 */
export function safeLink(raw: string): string | null {
  let url: URL;
  try {
    url = new URL(raw.trim());
  } catch {
    return null;
  }
  if (!allowed.has(url.protocol)) return null;
  if (url.protocol.startsWith("http") && (!url.hostname || url.username || url.password)) return null;
  return url.href;
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
