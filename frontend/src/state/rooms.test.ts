import i18next from "i18next";
import { describe, expect, test } from "vitest";
import type { Conversation, Role, User } from "../protocol";
import {
  faceOf,
  hasRooms,
  invitable,
  mayInviteTo,
  maySetTopic,
  membersOf,
  noteText,
  owns,
  successors,
  uninvitable,
} from "./rooms";
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

describe("owners of rooms", () => {
  const owned = (part: Conversation["room"]): Conversation => ({ ...room, room: part });

  test("members invite and owners set the topic, unless the room says otherwise", () => {
    const plain = owned({ ownerIds: ["u1"] });
    expect([mayInviteTo(plain, "u2"), maySetTopic(plain, "u2"), maySetTopic(plain, "u1")]).toEqual([
      true,
      false,
      true,
    ]);
    const other = owned({ ownerIds: ["u1"], ownersInvite: true, membersTopic: true });
    expect([mayInviteTo(other, "u2"), mayInviteTo(other, "u1"), maySetTopic(other, "u2")]).toEqual([
      false,
      true,
      true,
    ]);
    expect([owns(room, "u1"), owns(other, undefined)]).toEqual([false, false]);
  });

  test("whoever is the last owner is asked who follows, among those who are active", () => {
    expect(successors(world, owned({ ownerIds: ["u1"] })).map((u) => u.id)).toEqual(["u3", "u2"]);
    expect(successors(world, owned({ ownerIds: ["u1", "u2"] }))).toEqual([]);
    expect(successors(world, owned({ ownerIds: ["u2"] }))).toEqual([]);
    const alone = { ...room, participants: ["u1", "u6"], room: { ownerIds: ["u1"] } };
    expect(successors(world, alone)).toEqual([]);
  });

  test("notes name who did it, and that something came about by itself", () => {
    const say = (note: object) =>
      noteText(i18next.t, world, { n: 1, afterN: 0, at: 5, kind: "topic", ...note } as never);
    expect(say({ kind: "renamed", byId: "u2", text: "Glass" })).toBe("Zoe Adler renamed the room “Glass”");
    expect(say({ kind: "topic", byId: "u1" })).toBe("Max Weber took the topic away");
    expect(say({ kind: "owner", byId: "u1", userIds: ["u2"] })).toBe(
      "Max Weber made Zoe Adler an owner of the room",
    );
    expect(say({ kind: "owner", userIds: ["u2"] })).toContain("Zoe Adler owns the room now");
    expect(say({ kind: "removed", byId: "u9", userIds: ["u2"] })).toBe(
      "Somebody removed Zoe Adler from the room",
    );
  });
});
