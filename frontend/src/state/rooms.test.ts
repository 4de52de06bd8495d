import { describe, expect, test } from "vitest";
import type { Conversation, Role, User } from "../protocol";
import { faceOf, hasRooms, invitable, membersOf, uninvitable } from "./rooms";
import { rowsOf } from "./select";
import { directId, emptyWorld, type World } from "./world";

const user = (id: string, displayName: string, role: Role = "expert", active = true): User => ({
  id,
  displayName,
  role,
  title: "",
  teamIds: [],
  active,
});
const me = user("u1", "Max Weber");
const room: Conversation = {
  id: "r.1",
  kind: "room",
  name: "Quality",
  participants: ["u1", "u2", "u3"],
  createdAt: 5,
};
const world = {
  ...emptyWorld,
  me: { user: me },
  people: {
    u2: user("u2", "Zoe Adler"),
    u3: user("u3", "Ben Cole", "supervisor"),
    u4: user("u4", "Ana Castillo", "agent"),
    u5: user("u5", "Cy Dean"),
    u6: user("u6", "Eve Gone", "expert", false),
  },
  start: {
    u2: { allowed: true },
    u3: { allowed: true },
    u4: { allowed: true },
    u5: { allowed: false },
    u6: { allowed: true },
  },
  talks: { "r.1": { conversation: room, lastN: 0, readN: 0, messages: [], more: false } },
} as unknown as World;

describe("rooms", () => {
  test("a room has its own name, a direct conversation the other person's", () => {
    expect(faceOf(world, "r.1")).toMatchObject({ name: "Quality", short: "Quality", room });
    expect(faceOf(world, directId("u1", "u2"))).toMatchObject({ name: "Zoe Adler", short: "Zoe" });
    expect(faceOf(world, "r.2")).toBeUndefined();
  });

  test("members come by name, oneself first", () => {
    expect(membersOf(world, room).map((u) => u.displayName)).toEqual(["Max Weber", "Ben Cole", "Zoe Adler"]);
  });

  test("one may invite whom one may write to first: no agents, nobody who has left, no members", () => {
    expect(invitable(world).map((u) => u.id)).toEqual(["u3", "u2"]);
    expect(invitable(world, room.participants)).toEqual([]);
  });

  test("of those who could be in a room it is known whom a rule keeps out", () => {
    expect(uninvitable(world).map((u) => u.id)).toEqual(["u5"]);
    expect(uninvitable(world, ["u5"])).toEqual([]);
  });

  test("agents have none", () => {
    expect(hasRooms(world)).toBe(true);
    expect(hasRooms({ ...world, me: { ...world.me, user: user("u1", "Ana", "agent") } } as World)).toBe(
      false,
    );
    expect(hasRooms(emptyWorld)).toBe(false);
  });

  test("a room stands in the list with its name", () => {
    expect(rowsOf(world, [], {})).toMatchObject([{ id: "r.1", name: "Quality", at: 5 }]);
  });
});
