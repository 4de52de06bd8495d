import { expect, test } from "vitest";
import { RequestError } from "../peer/peer";
import type { AuditEntry } from "../protocol";
import { Administration, keyOf } from "./administration";

const key = keyOf("user.list", {});

/** An administration whose questions are answered by hand, one after the other. */
function byHand() {
  const asked: { command: string; answer: (ok: unknown) => void; fail: (e: Error) => void }[] = [];
  const administration = new Administration(
    (command) =>
      new Promise((resolve, reject) => {
        asked.push({ command, answer: (ok) => resolve(ok as never), fail: reject });
      }),
  );
  return { administration, asked, shown: () => administration.store.getState().asked[key] };
}
const settled = () => new Promise<void>((done) => setTimeout(done));

test("pages that ask the same share one answer, which goes with the last of them", async () => {
  const { administration, asked } = byHand();
  const health = () => administration.store.getState().asked[keyOf("health.check", {})];
  const first = administration.watch("health.check", {});
  const second = administration.watch("health.check", {});
  expect(asked).toHaveLength(1);
  asked[0]?.answer("all");
  await settled();
  expect(health()).toEqual({ answer: "all", failure: null });
  first();
  expect(health()).toBeDefined();
  second();
  expect(health()).toBeUndefined();
});

test("the list of users stays for the next page, which asks for it again", async () => {
  const { administration, asked, shown } = byHand();
  const leave = administration.watch("user.list", {});
  asked[0]?.answer("old");
  await settled();
  leave();
  administration.refresh();
  expect([asked.length, shown()?.answer]).toEqual([1, "old"]);
  administration.watch("user.list", {});
  expect([asked.length, shown()?.answer]).toEqual([2, "old"]);
  asked[1]?.answer("new");
  await settled();
  expect(shown()?.answer).toBe("new");
});

test("changes while an answer is under way are asked for once more, not once each", async () => {
  const { administration, asked, shown } = byHand();
  administration.watch("user.list", {});
  for (let i = 0; i < 5; i++) administration.refresh();
  expect(asked).toHaveLength(1);
  asked[0]?.answer("old");
  await settled();
  expect(asked).toHaveLength(2);
  asked[1]?.answer("new");
  await settled();
  expect([asked.length, shown()?.answer]).toEqual([2, "new"]);
});

test("an answer that fails leaves the one before", async () => {
  const { administration, asked, shown } = byHand();
  administration.watch("user.list", {});
  asked[0]?.answer("all");
  await settled();
  administration.refresh();
  asked[1]?.fail(new RequestError({ code: "offline", text: "The server cannot be reached." }));
  await settled();
  expect(shown()).toMatchObject({ answer: "all", failure: { code: "offline" } });
});

test("many changes are followed by one asking, after the last", async () => {
  const { administration, asked } = byHand();
  administration.watch("user.list", {});
  asked[0]?.answer("all");
  await settled();
  const done = administration.together(async () => {
    for (let i = 0; i < 3; i++) {
      const given = administration.give("user.update", { userId: "u", revision: i });
      asked.at(-1)?.answer({ revision: i + 1 });
      await given;
    }
  });
  await done;
  expect(asked.map((a) => a.command)).toEqual([
    "user.list",
    "user.update",
    "user.update",
    "user.update",
    "user.list",
  ]);
});

test("nothing of one person is left for the next", () => {
  const { administration } = byHand();
  administration.keepForm("form", { typed: true });
  administration.tell([{ n: 1 } as AuditEntry]);
  administration.forget();
  expect(administration.store.getState()).toEqual({ asked: {}, forms: {}, told: [] });
});
