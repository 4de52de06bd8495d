import type { WorkerMessage } from "../worker/scope";
import { keepWords, type NoticeWords } from "../worker/words";

/** How the page can be had as a program of its own. */
export type Installing = "no" | "offered" | "byShareMenu";

/** The event by which a browser offers to install the page. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

const UPDATE_EVERY_MS = 3600_000;

/** What concerns the page as something that is installed on a device: its service worker, newer versions, being a program of its own. */
export class Installed {
  private registration: ServiceWorkerRegistration | null = null;
  private offer: InstallPrompt | null = null;
  private taking = false;
  /** The worker once it is registered; null where the browser refuses one. */
  readonly ready: Promise<ServiceWorkerRegistration | null>;
  private found!: (registration: ServiceWorkerRegistration | null) => void;
  /** Whether the page was opened by a worker. */
  private controlled = false;

  /** A newer version is there. */
  onUpdate: () => void = () => {};
  onInstalling: (now: Installing) => void = () => {};
  /** Somebody has clicked on a notification. */
  onReveal: (conversationId?: string) => void = () => {};

  constructor(private readonly container: ServiceWorkerContainer) {
    this.ready = new Promise((resolve) => {
      this.found = resolve;
    });
  }

  /** Begins, once, for as long as the page lasts. */
  start(): void {
    const told = (e: MessageEvent) => {
      const message = e.data as WorkerMessage | null;
      if (message?.do === "reveal") this.onReveal(message.conversationId);
    };
    // A newer worker has taken over: because this page wanted it, or because another one did.
    const changed = () => {
      if (this.taking) location.reload();
      else if (this.controlled) this.onUpdate();
      this.controlled = true;
    };
    this.controlled = this.container.controller !== null;
    const offered = (e: Event) => {
      e.preventDefault(); // it is offered in the settings, where nobody is disturbed
      this.offer = e as InstallPrompt;
      this.onInstalling("offered");
    };
    const done = () => {
      this.offer = null;
      this.onInstalling("no");
    };
    const look = () => void this.registration?.update().catch(() => {});
    this.container.addEventListener("message", told);
    this.container.addEventListener("controllerchange", changed);
    window.addEventListener("beforeinstallprompt", offered);
    window.addEventListener("appinstalled", done);
    window.addEventListener("online", look);
    setInterval(look, UPDATE_EVERY_MS);
    if (byShareMenu()) this.onInstalling("byShareMenu");
    void this.register();
  }

  private async register(): Promise<void> {
    try {
      const registration = await this.container.register("./worker.js", { updateViaCache: "none" });
      this.registration = registration;
      this.follow(registration);
      this.found(await this.container.ready);
    } catch {
      this.found(null); // a private window, or a server without the built page: it goes on without a worker
    }
  }

  /** Tells of a newer version as soon as it is there whole. The very first one is no newer version. */
  private follow(registration: ServiceWorkerRegistration): void {
    const look = () => {
      if (registration.waiting && this.container.controller) this.onUpdate();
    };
    look();
    registration.addEventListener("updatefound", () => {
      registration.installing?.addEventListener("statechange", look);
    });
  }

  /** Shows what the browser shows before it installs the page. */
  async install(): Promise<void> {
    await this.offer?.prompt();
    this.offer = null;
    this.onInstalling("no");
  }

  /** Loads the page anew, in its newest version. */
  async reload(): Promise<void> {
    const registration = this.registration;
    if (!registration) return location.reload();
    await registration.update().catch(() => {});
    const next =
      registration.waiting ?? (registration.installing && (await installed(registration.installing)));
    if (!next) return location.reload();
    this.taking = true;
    const message: WorkerMessage = { do: "takeOver" };
    next.postMessage(message);
  }

  /** The conversation that this page was opened for, from a notification; only the first time. */
  openedFor(): string | undefined {
    const id = new URLSearchParams(location.search).get("conversation") ?? undefined;
    if (id) history.replaceState(history.state, "", location.pathname);
    return id;
  }

  /** Keeps the words for notices that come while no page is open. */
  keepWords(words: NoticeWords): void {
    void keepWords(caches, words).catch(() => {});
  }

  /** Takes the notifications of a tag away, or all. */
  async clear(tag?: string): Promise<void> {
    const all = await this.registration?.getNotifications(tag === undefined ? {} : { tag });
    for (const shown of all ?? []) shown.close();
  }
}

/** Waits until a worker has what it needs; null if it could not get it. */
function installed(worker: ServiceWorker): Promise<ServiceWorker | null> {
  return new Promise((resolve) => {
    worker.addEventListener("statechange", () => {
      if (worker.state === "installed") resolve(worker);
      if (worker.state === "redundant") resolve(null);
    });
  });
}

/** Whether the page runs as a program of its own. */
export function standalone(): boolean {
  return (
    matchMedia("(display-mode: standalone)").matches ||
    (navigator as { standalone?: boolean }).standalone === true
  );
}

/** Whether this is a device of Apple's, on which pages are installed from the share menu alone. */
export function byShareMenu(agent = navigator.userAgent, touches = navigator.maxTouchPoints): boolean {
  const apple = /iPhone|iPad/.test(agent) || (/Macintosh/.test(agent) && touches > 1);
  return apple && !standalone();
}
