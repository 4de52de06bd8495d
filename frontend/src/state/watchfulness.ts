import type { Millis } from "../protocol";

/** After how long without a key, a pointer or a wheel a page counts as idle; as the desktop does (app/replica/idle.go). */
export const IDLE_AFTER_MS = 5 * 60_000;

/** How often a page looks whether it is idle; coming back is noticed at once. */
const LOOK_EVERY_MS = 15_000;

const signs = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/**
 * Notices whether somebody is at this page: by keys and pointer, and by whether the page is in sight. A page out of sight is idle
 * from then on, since whoever looks elsewhere is not reached by it.
 */
export class Watchfulness {
  private usedAt: Millis;
  /** Since when the page is idle; null while somebody is at it. */
  private idleSince: Millis | null = null;

  constructor(
    private readonly tell: (idle: boolean, forMs: Millis) => void,
    private readonly now: () => Millis = Date.now,
  ) {
    this.usedAt = now();
  }

  /** Begins to watch the window. Returns what undoes it. */
  start(): () => void {
    const used = () => this.used();
    const sight = () => (document.visibilityState === "hidden" ? this.rest(this.now()) : this.used());
    for (const sign of signs) window.addEventListener(sign, used, { passive: true, capture: true });
    document.addEventListener("visibilitychange", sight);
    if (document.visibilityState === "hidden") this.rest(this.now());
    const look = setInterval(() => this.look(), LOOK_EVERY_MS);
    return () => {
      for (const sign of signs) window.removeEventListener(sign, used, { capture: true });
      document.removeEventListener("visibilitychange", sight);
      clearInterval(look);
    };
  }

  /** Whether it is idle by now. */
  look(): void {
    if (this.now() - this.usedAt >= IDLE_AFTER_MS) this.rest(this.usedAt);
  }

  /** Tells once more after a new connection, of which each begins as one in use. */
  renewed(): void {
    if (this.idleSince !== null) this.tell(true, this.now() - this.idleSince);
  }

  private used(): void {
    this.usedAt = this.now();
    if (this.idleSince === null) return;
    this.idleSince = null;
    this.tell(false, 0);
  }

  private rest(since: Millis): void {
    if (this.idleSince !== null) return;
    this.idleSince = since;
    this.tell(true, this.now() - since);
  }
}
