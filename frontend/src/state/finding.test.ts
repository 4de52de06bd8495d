import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RequestError } from "../peer/peer";
import type { Message } from "../protocol";
import { Finding, snippet } from "./finding";

const message = (n: number): Message => ({
  id: `m${n}`,
  conversationId: "c",
  n,
  authorId: "u",
  at: n,
  text: `glass ${n}`,
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("asks once typing rests, and only the last answer counts", async () => {
  const answers: ((page: { messages: Message[]; more: boolean }) => void)[] = [];
  const request = vi.fn(() => new Promise((done) => answers.push(done)));
  const finding = new Finding(request as never);
  finding.type("g");
  await vi.runAllTimersAsync();
  expect(request).not.toHaveBeenCalled();
  finding.type("gl");
  finding.type("gla");
  await vi.runAllTimersAsync();
  expect(request.mock.calls).toEqual([["message.search", { text: "gla", limit: 30 }]]);
  finding.type("glas");
  await vi.runAllTimersAsync();
  answers[1]?.({ messages: [message(2)], more: false });
  answers[0]?.({ messages: [message(1)], more: true });
  await vi.runAllTimersAsync();
  expect(finding.store.getState()).toMatchObject({ found: [message(2)], foundText: "glas", busy: false });
});

test("goes on with older ones, narrowed down as before", async () => {
  const request = vi.fn(async (_: string, args: { beforeId?: string }) => ({
    messages: args.beforeId ? [message(1)] : [message(3), message(2)],
    more: !args.beforeId,
  }));
  const finding = new Finding(request as never);
  finding.type("glass");
  finding.narrow({ authorId: "u", from: "2026-03-01", to: "2026-03-01" });
  await vi.runAllTimersAsync();
  await finding.older();
  await finding.older();
  const args = {
    text: "glass",
    authorId: "u",
    fromAt: new Date(2026, 2, 1).getTime(),
    toAt: new Date(2026, 2, 2).getTime(),
    limit: 30,
  };
  expect(request.mock.calls.map((c) => c[1])).toEqual([args, { ...args, beforeId: "m2" }]);
  expect(finding.store.getState().found?.map((m) => m.n)).toEqual([3, 2, 1]);
  finding.clear();
  expect(finding.store.getState()).toMatchObject({ text: "", narrowed: {}, found: null });
});

test("what cannot be found out is told, and looked for again", async () => {
  let offline = true;
  const finding = new Finding((async () => {
    if (offline) throw new RequestError({ code: "offline", text: "There is no connection." });
    return { messages: [message(1)], more: false };
  }) as never);
  finding.type("glass");
  await vi.runAllTimersAsync();
  expect(finding.store.getState()).toMatchObject({ found: null, failure: { code: "offline" } });
  offline = false;
  finding.again();
  await vi.runAllTimersAsync();
  expect(finding.store.getState()).toMatchObject({ found: [message(1)], failure: null });
});

const shown = (text: string, query: string) =>
  snippet(text, query)
    .map((p) => (p.hit ? `[${p.text}]` : p.text))
    .join("");

test("a snippet marks the beginnings of words, whatever their case and accents", () => {
  expect(shown("The Glass, the glasses\nand Cloglass", "glass the")).toBe(
    "[The] [Glass], [the] [glass]es and Cloglass",
  );
  expect(shown("Müller über\u0308 E\u0301te\u0301", "mul ub ete")).toBe(
    "[Mül]ler [üb]er\u0308 [E\u0301te\u0301]",
  );
  expect(shown("<b>glass</b>", "b glass")).toBe("<[b]>[glass]</[b]>");
  expect(shown("nothing of it", "glass")).toBe("nothing of it");
});

test("a snippet begins near the first hit and has an end", () => {
  const long = `${"word ".repeat(100)}glass ${"word ".repeat(100)}`;
  const text = shown(long, "glass");
  expect(text).toMatch(/^… (word )+\[glass\] (word )+.*…$/);
  expect(text.length).toBeLessThan(180);
});
