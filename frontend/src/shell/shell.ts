import type { Endpoint } from "../peer/peer";
import { newUUID } from "../peer/uuid";
import type { ConversationID, Device, DeviceKind, FileID, Role, WorkState } from "../protocol";
import { MAX_ATTACHMENTS, MAX_FILE_BYTES } from "../protocol";
import { type Sending, type SendingTold, sendByTus } from "../state/files";
import { Installed } from "./installed";
import { safeLink } from "./links";

/**
 * What the page's surroundings can do for it. The same bundle runs in three homes: the desktop window, the loopback
 * address of parley-core, and the server's own address; this is all that differs between them.
 */
export interface Shell {
  home: "window" | "core" | "server";
  /** Whether a replica answers rather than the hub: then it signs in, keeps the outbox and decides when to disturb. */
  replica: boolean;
  /** Keeps what the page remembers on this computer apart from other profiles; final once `endpoint` has answered. */
  profile: string;
  endpoint(): Promise<Endpoint>;
  /** The server's address that the sign-in page offers, where this computer was set up with one; else empty. */
  server(): Promise<string>;
  /** Starts a server with an invented organisation on this computer; only where one was installed beside the window's program. */
  trial(): Promise<(() => Promise<Trial>) | null>;
  /** Opens an address outside of Parley, if it is one Parley opens at all (see safeLink). */
  openLink(href: string): void;
  /** The number on the taskbar, where there is one. */
  setBadge(count: number): void;
  /** Brings the window to the front, where that is possible. */
  focus(): void;
  /** Sends a file's bytes to the peer. */
  sendFile(file: File, id: FileID, conversationId: ConversationID, told: SendingTold): Sending;
  /** Tells the peer that a file that has arrived is still wanted. */
  keepFile(id: FileID): void;
  /**
   * Asks where a file is to be saved and saves it there, where the system's own dialog can be had; how far it is comes as the
   * signal "saving". Elsewhere the browser saves.
   */
  saveFile?(id: FileID, name: string): Promise<void>;
  /** Gives up a file that is being saved so. */
  stopSaving?(id: FileID): void;
  /** Where files are read; with a replica each needs a ticket. Final once `endpoint` has answered. */
  filesAt: string;
  /** The program's sign beside the clock, where a window's system has one; known once `endpoint` has answered. */
  tray?: Tray;
  /** The files that were dropped or pasted just now, where the web view keeps them from the page; known once `endpoint` has answered. */
  brought?: () => Promise<File[]>;
  /** What concerns the page as installed on a device; the server's own page alone, over https. */
  installed?: Installed;
  /** Ends the program; only a window can. */
  quit?: () => void;
}

/** A server to try Parley with: its address, and whom one may be there. */
export interface Trial {
  url: string;
  people: { name: string; password: string; displayName: string; role: Role }[];
}

/** The sign beside the clock. */
export interface Tray {
  /** Says what stands in its menu. */
  tell(words: TrayWords): void;
  /** Whether closing the window leaves the program there. */
  closes: boolean;
  setCloses(on: boolean): void;
}

/** What stands in the tray, in the chosen language (app/traymenu.go). */
export interface TrayWords {
  tooltip: string;
  open: string;
  quit: string;
  statuses: { label: string; state: WorkState; reason: string; current: boolean }[];
  /** Empty while nobody is signed in. */
  doNotDisturb: string;
  doNotDisturbOn: boolean;
}

/** The Go struct app.Shell as Wails binds it (backend/PROTOCOL.md, section 5). */
interface WailsShell {
  Endpoint(): Promise<string>;
  Try(): Promise<string>;
  OpenLink(url: string): Promise<void>;
  SaveFile(id: FileID, name: string): Promise<void>;
  StopSaving(id: FileID): Promise<void>;
  SetBadge(count: number): Promise<void>;
  Focus(): Promise<void>;
  Quit(): Promise<void>;
  SetTray(words: string): Promise<void>;
  SetCloseToTray(on: boolean): Promise<void>;
  Brought(): Promise<string>;
}

declare global {
  interface Window {
    go?: { app?: { Shell?: WailsShell } };
  }
}

const TOKEN_KEY = "parley.token";

/** Finds out where the page runs. Clears a token out of the address, so that it is not copied or kept in the history. */
export function detectShell(): Shell {
  const wails = window.go?.app?.Shell;
  if (wails) return windowShell(wails);
  const fragment = /^#([A-Za-z0-9_-]{20,})$/.exec(location.hash)?.[1];
  if (fragment) {
    sessionStorage.setItem(TOKEN_KEY, fragment);
    history.replaceState(null, "", location.pathname + location.search);
  }
  const token = sessionStorage.getItem(TOKEN_KEY) ?? undefined;
  return pageShell(token);
}

function windowShell(wails: WailsShell): Shell & { filesToken: string } {
  return {
    home: "window",
    replica: true,
    profile: "window",
    async endpoint() {
      const told = JSON.parse(await wails.Endpoint()) as Endpoint & {
        profile: string;
        tray?: boolean;
        closeToTray?: boolean;
        brings?: boolean;
      };
      this.profile = told.profile;
      this.filesAt = told.url.replace(/^ws/, "http").replace(/\/v1\/socket$/, FILES);
      this.filesToken = told.token ?? "";
      if (told.tray) this.tray ??= windowTray(wails, told.closeToTray ?? false);
      if (told.brings) this.brought = () => readBrought(wails);
      return { url: told.url, token: told.token };
    },
    async server() {
      return (JSON.parse(await wails.Endpoint()) as { server?: string }).server ?? "";
    },
    filesAt: "",
    sendFile(file, id, conversationId, told) {
      return sendByTus(this.filesAt, bearer(this.filesToken), file, id, conversationId, told);
    },
    keepFile(id) {
      ask(this.filesAt, id, bearer(this.filesToken));
    },
    filesToken: "",
    saveFile: (id, name) => wails.SaveFile(id, name),
    stopSaving: (id) => void wails.StopSaving(id),
    async trial() {
      const { trial } = JSON.parse(await wails.Endpoint()) as { trial?: boolean };
      return trial ? async () => JSON.parse(await wails.Try()) as Trial : null;
    },
    openLink(href) {
      const safe = safeLink(href);
      if (safe) void wails.OpenLink(safe);
    },
    setBadge: (count) => void wails.SetBadge(count),
    focus: () => void wails.Focus(),
    quit: () => void wails.Quit(),
  };
}

/**
 * Reads what was brought to the window. Of what is too large, and of more than a message may have, the size says enough.
 * @throws if a file cannot be read, or is another one by now.
 */
async function readBrought(wails: WailsShell): Promise<File[]> {
  const all = JSON.parse(await wails.Brought()) as {
    name: string;
    size: number;
    type: string;
    url: string;
  }[];
  return Promise.all(
    all.map(async ({ name, size, type, url }, i) => {
      if (size > MAX_FILE_BYTES || i >= MAX_ATTACHMENTS)
        return Object.defineProperty(new File([], name), "size", { value: size });
      const answer = await fetch(url);
      const content = await answer.blob();
      if (!answer.ok || content.size !== size) throw new Error(`of a file there are ${content.size} bytes`);
      return new File([content], name, { type });
    }),
  );
}

function windowTray(wails: WailsShell, closes: boolean): Tray {
  return {
    closes,
    tell: (words) => void wails.SetTray(JSON.stringify(words)),
    setCloses(on) {
      this.closes = on;
      void wails.SetCloseToTray(on);
    },
  };
}

function pageShell(token: string | undefined): Shell {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return {
    home: token ? "core" : "server",
    replica: token !== undefined,
    profile: token ? "core" : "server",
    endpoint: () => Promise.resolve({ url: `${scheme}://${location.host}/v1/socket`, token }),
    server: () => Promise.resolve(""),
    filesAt: FILES,
    sendFile: (file, id, conversationId, told) =>
      sendByTus(FILES, bearer(token ?? ""), file, id, conversationId, told),
    keepFile: (id) => ask(FILES, id, bearer(token ?? "")),
    trial: () => Promise.resolve(null),
    openLink(href) {
      const safe = safeLink(href);
      if (safe) window.open(safe, "_blank", "noopener,noreferrer");
    },
    setBadge: () => {},
    focus: () => window.focus(),
    // The loopback page of the core is another one at each start: nothing of it is to be kept.
    installed: !token && navigator.serviceWorker ? new Installed(navigator.serviceWorker) : undefined,
  };
}

const FILES = "/v1/files";

const bearer = (token: string): Record<string, string> => (token ? { Authorization: `Bearer ${token}` } : {});

/** Shows the peer that a file is still wanted; what cannot be told now is told later. */
const ask = (base: string, id: FileID, headers: Record<string, string>) =>
  void fetch(`${base}/${id}`, { method: "HEAD", headers }).catch(() => {});

const DEVICE_KEY = "parley.device";

/** This installation, as it is named in the list of sessions. The id is made once and kept here. */
export function thisDevice(shell: Shell): Device {
  let id = localStorage.getItem(DEVICE_KEY);
  if (!id) {
    id = newUUID();
    localStorage.setItem(DEVICE_KEY, id);
  }
  return { id, kind: deviceKind(shell), name: deviceName(navigator.userAgent) };
}

function deviceKind(shell: Shell): DeviceKind {
  if (shell.replica) return "desktop";
  return /Android|iPhone|iPad|Mobile/.test(navigator.userAgent) ? "phone" : "browser";
}

/** "Firefox on Linux", from a user agent's words. */
export function deviceName(agent: string): string {
  const browsers: [RegExp, string][] = [
    [/Edg\//, "Edge"],
    [/OPR\//, "Opera"],
    [/Firefox\//, "Firefox"],
    [/Chrome\//, "Chrome"],
    [/Safari\//, "Safari"],
  ];
  const systems: [RegExp, string][] = [
    [/Android/, "Android"],
    [/iPhone|iPad/, "iOS"],
    [/Windows/, "Windows"],
    [/Mac OS X/, "macOS"],
    [/Linux/, "Linux"],
  ];
  const of = (list: [RegExp, string][], other: string) => list.find(([r]) => r.test(agent))?.[1] ?? other;
  return `${of(browsers, "Browser")} on ${of(systems, "another system")}`;
}
