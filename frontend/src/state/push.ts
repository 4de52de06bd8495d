import type { CommandArgs, CommandName, CommandOk } from "../protocol";

/**
 * Whether this browser tells of messages while no page is open: `unsupported` if it cannot at all, `insecure` if it could over https,
 * `install` if it can once the page is installed, `notOffered` if the server does not, `denied` if the person has not allowed it,
 * `unreachable` if the browser does not get through to its push service.
 */
export type PushState =
  | "unsupported"
  | "insecure"
  | "install"
  | "notOffered"
  | "off"
  | "on"
  | "denied"
  | "unreachable"
  | "asking";

interface Surroundings {
  /** The worker's way to the push service; null where the browser has none. */
  manager: () => Promise<PushManager | null>;
  /** Why there is none. */
  lacks: () => "unsupported" | "insecure" | "install";
  /** What the browser says of notifications; asks the person if they were not asked yet. */
  permission: (ask: boolean) => Promise<NotificationPermission>;
  request: <C extends CommandName>(command: C, args: CommandArgs[C]) => Promise<CommandOk[C]>;
  timeZone: () => string;
  /** Whether it was chosen on this device. */
  wanted: () => boolean;
  want: (on: boolean) => void;
  onState: (state: PushState) => void;
}

/** Keeps this browser's subscription as it was chosen, and the hub's knowledge of it true. */
export class Push {
  private key = "";

  constructor(private readonly around: Surroundings) {}

  /**
   * A connection has begun; `key` is what the server is known by, empty if it tells no browser anything.
   * @throws RequestError if the hub does not take the subscription.
   */
  async renewed(key: string): Promise<void> {
    this.key = key;
    if (!key) return this.around.onState("notOffered");
    const manager = await this.around.manager();
    if (!manager) return this.around.onState(this.around.lacks());
    if (!this.around.wanted()) return this.around.onState("off");
    if ((await this.around.permission(false)) !== "granted") return this.around.onState("denied");
    await this.subscribe(manager);
  }

  /** Tells of messages on this device from now on. Comes from a click, or the browser would not ask. @throws RequestError as above. */
  async turnOn(): Promise<void> {
    this.around.onState("asking");
    const manager = await this.around.manager();
    if (!manager) return this.around.onState(this.around.lacks());
    if ((await this.around.permission(true)) !== "granted") return this.around.onState("denied");
    await this.subscribe(manager);
  }

  private async subscribe(manager: PushManager): Promise<void> {
    let subscription: PushSubscription;
    try {
      const kept = await manager.getSubscription();
      // One made for another server's key is worthless here.
      if (kept && keyOf(kept) !== this.key) await kept.unsubscribe();
      subscription = await manager.subscribe({ userVisibleOnly: true, applicationServerKey: this.key });
    } catch {
      return this.around.onState("unreachable");
    }
    const { endpoint = "", keys } = subscription.toJSON();
    try {
      await this.around.request("push.subscribe", {
        endpoint,
        key: keys?.p256dh ?? "",
        auth: keys?.auth ?? "",
        timeZone: this.around.timeZone(),
      });
    } catch (e) {
      this.around.onState("off");
      throw e;
    }
    this.around.want(true);
    this.around.onState("on");
  }

  /** Tells of nothing here any more. @throws RequestError if the hub could not be told; the browser was then. */
  async turnOff(): Promise<void> {
    await this.forget();
    this.around.onState("off");
    await this.around.request("push.unsubscribe", {});
  }

  /** Somebody signs out: the hub ends it with the session, and the browser here. */
  async forget(): Promise<void> {
    this.around.want(false);
    const subscription = await (await this.around.manager())?.getSubscription();
    await subscription?.unsubscribe().catch(() => {});
  }
}

/** The key that a subscription was made for, as the server says it. */
function keyOf(subscription: PushSubscription): string {
  const key = new Uint8Array(subscription.options.applicationServerKey ?? new ArrayBuffer(0));
  return btoa(String.fromCharCode(...key))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
