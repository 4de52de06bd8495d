import { beforeEach, describe, expect, test } from "vitest";
import type { Frame, HelloAnswer } from "../protocol";
import { Peer, type PeerNeeds, RequestError, type Socket } from "./peer";

/** A socket whose other end is the test. */
class FakeSocket {
  onopen: ((e: Event) => void) | null = null;
  onmessage: ((e: MessageEvent) => void) | null = null;
  onclose: ((e: CloseEvent) => void) | null = null;
  readyState: number = WebSocket.CONNECTING;
  protocol = "parley.v1";
  sent: { id: number; do: string; args: Record<string, unknown> }[] = [];
  closed = false;

  constructor(readonly protocols: string[]) {}

  send(data: string) {
    this.sent.push(JSON.parse(data));
  }
  close() {
    this.closed = true;
    this.readyState = WebSocket.CLOSED;
  }
  open() {
    this.readyState = WebSocket.OPEN;
    this.onopen?.(new Event("open"));
  }
  give(frame: Frame | string) {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) } as MessageEvent);
  }
  lose(code: number) {
    this.readyState = WebSocket.CLOSED;
    this.onclose?.({ code } as CloseEvent);
  }
  last(command: string) {
    return this.sent.findLast((r) => r.do === command);
  }
}

const HELLO: HelloAnswer = { userId: "u", sessionId: "s", serverAt: 1, version: "1", replica: false };

class Bench {
  sockets: FakeSocket[] = [];
  timers: { run: () => void; ms: number; live: boolean }[] = [];
  frames: Frame[] = [];
  cursor = "";
  forgotten = 0;
  session = true;
  failing = false;
  readonly peer: Peer;

  constructor(replica = false) {
    const needs: PeerNeeds = {
      endpoint: async () => ({ url: "ws://x/v1/socket", token: "T" }),
      dial: (_url, protocols) => {
        const socket = new FakeSocket(protocols);
        this.sockets.push(socket);
        return socket as unknown as Socket;
      },
      device: { id: "d", kind: "browser", name: "test" },
      cursor: () => this.cursor,
      onFrame: (frame) => {
        if (this.failing) throw new Error("cannot apply");
        this.frames.push(frame);
        if (frame.reset) this.cursor = frame.reset.cursor;
        if (frame.cursor) this.cursor = frame.cursor;
      },
      forget: () => {
        this.forgotten++;
        this.cursor = "";
      },
      onState: () => {},
      replica,
      hasSession: async () => this.session,
      now: () => 1000,
      random: () => 0.5,
      setTimer: (run, ms) => {
        const timer = { run, ms, live: true };
        this.timers.push(timer);
        return () => {
          timer.live = false;
        };
      },
    };
    this.peer = new Peer(needs);
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1) as FakeSocket;
  }
  get state() {
    return this.peer.state.kind;
  }
  /** Runs the live timer of so many milliseconds. */
  pass(ms: number) {
    const timer = this.timers.find((t) => t.live && t.ms === ms);
    if (!timer) throw new Error(`no timer of ${ms} ms`);
    timer.live = false;
    timer.run();
  }
  async greet() {
    await settled();
    this.socket.open();
    this.socket.give({ re: this.socket.last("hello")?.id, ok: HELLO });
    await settled();
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

let b: Bench;
beforeEach(() => {
  b = new Bench();
  b.peer.start();
});

test("hello comes first, with token as subprotocol, and nothing is asked before it", async () => {
  await settled();
  expect(b.socket.protocols).toEqual(["parley.v1", "parley.token.T"]);
  await expect(b.peer.request("ping", {})).rejects.toMatchObject({ failure: { code: "offline" } });
  b.socket.open();
  expect(b.socket.sent.map((r) => r.do)).toEqual(["hello"]);
  expect(b.socket.sent[0]?.args).toMatchObject({ protocol: 1, device: { id: "d" } });
  expect(b.state).toBe("connecting");
  b.socket.give({ re: 1, ok: HELLO });
  await settled();
  expect(b.state).toBe("online");
});

test("answers find their requests in any order, errors included", async () => {
  await b.greet();
  const first = b.peer.request("ping", {});
  const second = b.peer.request("typing.set", { conversationId: "c", typing: true });
  b.socket.give({ re: b.socket.last("typing.set")?.id, error: { code: "busy", text: "slow down" } });
  b.socket.give({ re: b.socket.last("ping")?.id, ok: {} });
  await expect(first).resolves.toEqual({});
  await expect(second).rejects.toEqual(new RequestError({ code: "busy", text: "slow down" }));
});

describe("gaps", () => {
  beforeEach(async () => {
    await b.greet();
    b.socket.give({ prev: "", cursor: "1", events: [] });
  });

  test("a frame that follows is applied", () => {
    b.socket.give({ prev: "1", cursor: "2", events: [] });
    expect(b.cursor).toBe("2");
  });

  test("a frame that does not follow is not applied; hello goes on from one's own cursor", async () => {
    b.socket.give({ prev: "7", cursor: "8", events: [] });
    expect(b.cursor).toBe("1");
    await b.greet();
    expect(b.sockets).toHaveLength(2);
    expect(b.socket.sent[0]?.args.cursor).toBe("1");
  });

  test("a gap that comes again backs off instead of going round and round", async () => {
    b.socket.give({ prev: "7", cursor: "8", events: [] });
    await b.greet();
    b.socket.give({ prev: "7", cursor: "8", events: [] });
    expect(b.state).toBe("offline");
  });

  test("a frame that cannot be applied leads to a reset", async () => {
    b.failing = true;
    b.socket.give({ prev: "1", cursor: "2", events: [] });
    expect(b.forgotten).toBe(1);
    await b.greet();
    expect(b.socket.sent[0]?.args.cursor).toBeUndefined();
  });

  test("what is not JSON is a gap too", async () => {
    b.socket.give("{nonsense");
    await settled();
    expect(b.sockets).toHaveLength(2);
  });
});

describe("a lost connection", () => {
  test("fails what was asked, waits with jitter, comes back and resumes", async () => {
    await b.greet();
    b.socket.give({ prev: "", cursor: "1", events: [] });
    const asked = b.peer.request("history.load", { conversationId: "c", beforeN: 0, limit: 1 });
    b.socket.lose(1006);
    await expect(asked).rejects.toMatchObject({ failure: { code: "offline" } });
    expect(b.peer.state).toEqual({ kind: "offline", sinceAt: 1000, nextTryAt: 1250 });
    b.pass(250);
    await b.greet();
    expect(b.socket.sent[0]?.args.cursor).toBe("1");
    expect(b.state).toBe("online");
  });

  test("frames of the old connection are ignored", async () => {
    await b.greet();
    const old = b.socket;
    const late = old.onmessage;
    old.lose(1006);
    await settled();
    late?.({ data: JSON.stringify({ prev: "", cursor: "9", events: [] }) } as MessageEvent);
    expect(b.cursor).toBe("");
  });

  test("retryNow cuts the wait short", async () => {
    await b.greet();
    b.socket.lose(1006);
    await settled();
    b.peer.retryNow();
    await b.greet();
    expect(b.state).toBe("online");
  });

  test("a server that does not answer a ping is gone", async () => {
    await b.greet();
    b.pass(15_000);
    expect(b.socket.last("ping")).toBeDefined();
    b.pass(10_000);
    expect(b.state).toBe("offline");
    expect(b.socket.closed).toBe(true);
  });

  test("a server that does not answer hello is gone", async () => {
    await settled();
    b.socket.open();
    b.pass(10_000);
    expect(b.state).toBe("offline");
  });
});

describe("signed out", () => {
  test("the hub's close code ends it", async () => {
    await b.greet();
    b.socket.lose(4100);
    expect(b.state).toBe("signedOut");
  });

  test("a refused upgrade without a session is signed out, with one it is offline", async () => {
    await settled();
    b.socket.lose(1006);
    await settled();
    expect(b.state).toBe("offline");
    b.session = false;
    b.peer.retryNow();
    await settled();
    b.socket.lose(1006);
    await settled();
    expect(b.state).toBe("signedOut");
  });

  test("a replica stays open for signing in and another hello", async () => {
    b = new Bench(true);
    b.peer.start();
    await settled();
    b.socket.open();
    b.socket.give({ re: 1, error: { code: "signedOut", text: "Sign in." } });
    await settled();
    expect(b.state).toBe("signedOut");
    const signIn = b.peer.request("replica.signIn", { server: "s", name: "n", password: "p" });
    b.socket.give({ re: b.socket.last("replica.signIn")?.id, ok: {} });
    await signIn;
    const again = b.peer.helloAgain();
    b.socket.give({ re: b.socket.last("hello")?.id, ok: HELLO });
    await again;
    expect(b.sockets).toHaveLength(1);
    expect(b.state).toBe("online");
  });
});

test("another protocol is not tried again", async () => {
  await b.greet();
  b.socket.lose(4101);
  expect(b.state).toBe("outdated");
});
