import { describe, expect, test } from "vitest";
import { RequestError } from "../peer/peer";
import { Push, type PushState } from "./push";

/** A browser's push service: remembers the subscription there is, and what for. */
class Manager {
  kept: { key: string; endpoint: string } | null = null;
  made = 0;
  broken = false;
  async subscribe({ applicationServerKey: key }: { applicationServerKey: string }) {
    if (this.broken) throw new DOMException("no", "AbortError");
    this.kept ??= { key, endpoint: `https://push.example.com/${++this.made}` };
    return this.handle(this.kept);
  }
  async getSubscription() {
    return this.kept && this.handle(this.kept);
  }
  private handle(of: { key: string; endpoint: string }) {
    const bytes = Uint8Array.from(atob(of.key.replaceAll("-", "+").replaceAll("_", "/")), (c) =>
      c.charCodeAt(0),
    );
    return {
      options: { applicationServerKey: bytes.buffer },
      toJSON: () => ({ endpoint: of.endpoint, keys: { p256dh: "p", auth: "a" } }),
      unsubscribe: async () => {
        this.kept = null;
        return true;
      },
    };
  }
}

function device(manager: Manager | null = new Manager()) {
  const d = {
    manager,
    wanted: false,
    permission: "default" as NotificationPermission,
    answers: "granted" as NotificationPermission,
    states: [] as PushState[],
    asked: [] as unknown[],
    fails: false,
  };
  const push = new Push({
    manager: async () => d.manager as unknown as PushManager | null,
    lacks: () => "insecure",
    permission: async (ask) => {
      if (ask) d.permission = d.answers;
      return d.permission;
    },
    request: async (command, args) => {
      if (d.fails) throw new RequestError({ code: "offline", text: "no" });
      d.asked.push([command, args]);
      return {} as never;
    },
    timeZone: () => "Europe/Berlin",
    wanted: () => d.wanted,
    want: (on) => {
      d.wanted = on;
    },
    onState: (state) => d.states.push(state),
  });
  return { d, push, state: () => d.states.at(-1) };
}

const subscribed = (n: number) => [
  "push.subscribe",
  { endpoint: `https://push.example.com/${n}`, key: "p", auth: "a", timeZone: "Europe/Berlin" },
];

describe("notices while no page is open", () => {
  test("are switched on, told anew with each connection, and switched off", async () => {
    const { d, push, state } = device();
    await push.renewed("a-_9");
    expect(state()).toBe("off");
    await push.turnOn();
    expect([state(), d.wanted]).toEqual(["on", true]);
    await push.renewed("a-_9");
    expect(d.asked).toEqual([subscribed(1), subscribed(1)]);
    await push.turnOff();
    expect([state(), d.wanted, d.manager?.kept]).toEqual(["off", false, null]);
    expect(d.asked.at(-1)).toEqual(["push.unsubscribe", {}]);
  });

  test("of another server's key are subscribed anew", async () => {
    const { d, push } = device();
    await push.renewed("a-_9");
    await push.turnOn();
    await push.renewed("b-_9");
    expect(d.asked.at(-1)).toEqual(subscribed(2));
  });

  test("that cannot be say why", async () => {
    const none = device(null);
    await none.push.renewed("a-_9");
    expect(none.state()).toBe("insecure");
    const silent = device();
    await silent.push.renewed("");
    expect(silent.state()).toBe("notOffered");
    const denied = device();
    await denied.push.renewed("a-_9");
    denied.d.answers = "denied";
    await denied.push.turnOn();
    expect([denied.state(), denied.d.wanted]).toEqual(["denied", false]);
    const cut = device();
    if (cut.d.manager) cut.d.manager.broken = true;
    await cut.push.renewed("a-_9");
    await cut.push.turnOn();
    expect([cut.state(), cut.d.wanted]).toEqual(["unreachable", false]);
  });

  test("that were allowed and are not any more are not asked for", async () => {
    const { d, push, state } = device();
    await push.renewed("a-_9");
    await push.turnOn();
    d.permission = "denied";
    await push.renewed("a-_9");
    expect([state(), d.asked.length]).toEqual(["denied", 1]);
  });

  test("that the server does not take are off", async () => {
    const { d, push, state } = device();
    await push.renewed("a-_9");
    d.fails = true;
    await expect(push.turnOn()).rejects.toThrow(RequestError);
    expect([state(), d.wanted]).toEqual(["off", false]);
  });

  test("end with the sign-in", async () => {
    const { d, push } = device();
    await push.renewed("a-_9");
    await push.turnOn();
    await push.forget();
    expect([d.wanted, d.manager?.kept]).toEqual([false, null]);
  });
});
