import { describe, expect, test } from "vitest";
import { BundleCache } from "./bundle";
import { shownOf } from "./notice";
import { fallbackWords, keepWords, keptWords } from "./words";

/** A browser's store of caches, as far as the worker uses it. */
class Store {
  readonly all = new Map<string, Map<string, Response>>();
  async open(name: string) {
    const kept = this.all.get(name) ?? new Map<string, Response>();
    this.all.set(name, kept);
    return {
      addAll: async (requests: Request[]) => {
        for (const r of requests) kept.set(r.url, new Response(`kept ${r.url}`));
      },
      match: async (key: string) => kept.get(key)?.clone(),
      put: async (key: string, response: Response) => void kept.set(key, response),
    };
  }
  keys = async () => [...this.all.keys()];
  delete = async (name: string) => this.all.delete(name);
}

const BASE = "https://parley.example.com/";
const bundle = { version: "2", files: ["index.html", "assets/index-a.js", "parley.svg"] };

function cache(store = new Store()) {
  const asked: string[] = [];
  const load = async (r: Request) => {
    asked.push(r.url);
    return new Response("from the server");
  };
  return { store, asked, cache: new BundleCache(bundle, BASE, store as unknown as CacheStorage, load) };
}

const get = (path: string, more: RequestInit = {}) => new Request(new URL(path, BASE), more);
const navigate = (path: string) => Object.defineProperty(get(path), "mode", { value: "navigate" });

describe("the cache of the bundle", () => {
  test("answers for the page's own files and for nothing else", () => {
    const { cache: kept } = cache();
    expect(kept.fileOf(navigate("/"))).toBe("index.html");
    expect(kept.fileOf(navigate("/?conversation=d.a.b"))).toBe("index.html");
    expect(kept.fileOf(get("/assets/index-a.js"))).toBe("assets/index-a.js");
    for (const other of ["/v1/session", "/v1/files/x", "/assets/other.js", "/worker.js", "/healthz"])
      expect(kept.fileOf(get(other))).toBeNull();
    expect(kept.fileOf(navigate("/v1/files/x"))).toBeNull();
    expect(kept.fileOf(get("/parley.svg", { method: "POST" }))).toBeNull();
    expect(kept.fileOf(new Request("https://elsewhere.example.com/parley.svg"))).toBeNull();
  });

  test("takes in a whole build and removes every other", async () => {
    const { store, cache: kept } = cache();
    await store.open("parley-bundle-1");
    await store.open("parley-words");
    await kept.fill();
    await kept.removeOthers();
    expect(await store.keys()).toEqual(["parley-words", "parley-bundle-2"]);
    expect(await (await kept.answer("index.html", get("/"))).text()).toBe(`kept ${BASE}index.html`);
  });

  test("that has lost a file gives the page back to the server", async () => {
    const { store, asked, cache: kept } = cache();
    await kept.fill();
    store.all.get("parley-bundle-2")?.delete(`${BASE}assets/index-a.js`);
    expect(await (await kept.answer("assets/index-a.js", get("/assets/index-a.js"))).text()).toBe(
      "from the server",
    );
    expect(asked).toEqual([`${BASE}assets/index-a.js`]);
    expect(await store.keys()).toEqual([]);
  });
});

describe("a notice", () => {
  const words = {
    ...fallbackWords,
    language: "de",
    message: "Neue Nachricht",
    messages: "Neue Nachrichten: {count}",
  };

  test("says who wrote, and what only where it was told", () => {
    const one = { tag: "c", conversationId: "c", from: "Mira", messages: 1, conversations: 1 };
    const said = (more: object) => {
      const shown = shownOf({ ...one, ...more }, words);
      return [shown?.title, shown?.options.body];
    };
    expect(said({})).toEqual(["Mira", "Neue Nachricht"]);
    expect(said({ messages: 3 })).toEqual(["Mira", "Neue Nachrichten: 3"]);
    expect(said({ text: "Look", room: "Glass" })).toEqual(["Mira, Glass", "Look"]);
    expect(said({ text: "{count} $& <b>", messages: 2 })).toEqual([
      "Mira",
      "Neue Nachrichten: 2: {count} $& <b>",
    ]);
    expect(shownOf({ tag: "several", messages: 5, conversations: 4 }, words)?.options.body).toBe(
      "5 new messages in 4 conversations",
    );
  });

  test("that is none shows nothing", () => {
    for (const told of [null, undefined, "text", 7, [], {}, { tag: 1 }, { tag: "c", gone: true }])
      expect(shownOf(told, words)).toBeNull();
    expect(shownOf({ tag: "c", conversationId: "c", from: { a: 1 }, text: 7 }, words)?.title).toBe("Parley");
  });

  test("has the words that a page has kept, else those of the program", async () => {
    const caches = new Store() as unknown as CacheStorage;
    expect(await keptWords(caches)).toEqual(fallbackWords);
    await keepWords(caches, words);
    expect(await keptWords(caches)).toEqual(words);
  });
});
