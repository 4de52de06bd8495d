import { expect, test } from "vitest";
import type { CommandName, Message, TranscriptInfo } from "../protocol";
import { Monitoring, merged } from "./monitoring";

const message = (n: number): Message => ({
  id: `m${n}`,
  conversationId: "d.a.b",
  n,
  authorId: "a",
  at: n,
  text: `${n}`,
});
const info: TranscriptInfo = {
  conversation: { id: "d.a.b", kind: "direct", participants: ["a", "b"], createdAt: 0 },
  lastAt: 3,
  transcript: true,
  live: true,
};

/** A hub that answers what it is told to, and notes what it was asked. */
function hub(history: Message[]) {
  const asked: string[] = [];
  const request = async (command: CommandName) => {
    asked.push(command);
    if (command === "transcript.list") return { conversations: [info], more: false, groups: [] };
    return command === "transcript.load" ? { messages: history, more: false } : {};
  };
  return { asked, monitoring: new Monitoring(request as never) };
}

test("an open conversation is followed before it is read, and what comes twice is there once", async () => {
  const { asked, monitoring } = hub([message(1), message(2)]);
  const end = monitoring.look();
  await monitoring.open(info);
  expect(asked.filter((a) => a !== "transcript.list")).toEqual(["transcript.watch", "transcript.load"]);
  monitoring.take({ type: "transcript", conversationId: "d.a.b", message: message(2) });
  monitoring.take({ type: "transcript", conversationId: "d.a.b", message: message(3) });
  expect(monitoring.store.getState().open?.messages.map((m) => m.n)).toEqual([1, 2, 3]);
  end();
  expect(monitoring.store.getState().open).toBeNull();
  expect(asked.at(-1)).toBe("transcript.unwatch");
});

test("a gap in the numbers is read again; the end of the right is kept", async () => {
  const { asked, monitoring } = hub([message(1), message(2)]);
  monitoring.look();
  await monitoring.search("");
  await monitoring.open(info);
  const before = asked.length;
  monitoring.take({ type: "transcript", conversationId: "d.a.b", message: message(9) });
  expect(asked.slice(before)).toEqual(["transcript.load"]);
  monitoring.take({ type: "transcript.ended", conversationId: "d.a.b" });
  expect(monitoring.store.getState().open?.live).toBe("ended");
  expect(monitoring.take({ type: "typing", conversationId: "d.a.b" })).toBe(false);
});

test("pages are put together by number", () => {
  expect(merged([message(3)], [message(1), message(2), message(3)]).map((m) => m.n)).toEqual([1, 2, 3]);
});
