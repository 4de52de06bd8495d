import type { TFunction } from "i18next";
import type { Conversation, ConversationID, RoomNote, User, UserID } from "../protocol";
import { colleagues, personOf } from "./select";
import type { World } from "./world";

/** What a conversation is called, and whom it is with: one person, or the members of a room. */
export interface Face {
  name: string;
  /** The name in running text: a person's first, a room's whole one. */
  short: string;
  /** The other person of a direct conversation. */
  person?: User;
  room?: Conversation;
}

/** The face of a conversation; undefined if it is not there, or not the reader's to see any more. */
export function faceOf(world: World, id: ConversationID): Face | undefined {
  const room = roomOf(world, id);
  if (room) return { name: room.name ?? "", short: room.name ?? "", room };
  const person = personOf(world, id);
  if (!person) return undefined;
  return { name: person.displayName, short: person.displayName.split(" ")[0] || person.displayName, person };
}

function roomOf(world: World, id: ConversationID): Conversation | undefined {
  const conversation = world.talks[id]?.conversation;
  return conversation?.kind === "room" ? conversation : undefined;
}

/** The members of a room by name, oneself first. */
export function membersOf(world: Pick<World, "me" | "people">, room: Conversation): User[] {
  const me = world.me?.user;
  const known = room.participants.flatMap((id) => (id === me?.id ? [] : (world.people[id] ?? [])));
  known.sort((a, b) => a.displayName.localeCompare(b.displayName));
  return me && room.participants.includes(me.id) ? [me, ...known] : known;
}

/** Whether somebody of one's role has rooms at all: agents write to one person at a time (EXP-19). */
export function hasRooms(world: World): boolean {
  return world.me !== null && world.me.user.role !== "agent";
}

/** Whom one may take into a room: whom one may write to first, agents excepted. */
export function invitable(world: World, except: UserID[] = []): User[] {
  return roomPeople(world, except).filter((u) => world.start[u.id]?.allowed);
}

/** Whom a rule keeps one from taking into a room, although they could be in one. */
export function uninvitable(world: World, except: UserID[] = []): User[] {
  return roomPeople(world, except).filter((u) => world.start[u.id]?.allowed === false);
}

function roomPeople(world: World, except: UserID[]): User[] {
  return colleagues(world).filter((u) => u.role !== "agent" && !except.includes(u.id));
}

/** Whether somebody owns a room. */
export function owns(room: Conversation, userId: UserID | undefined): boolean {
  return userId !== undefined && (room.room?.ownerIds ?? []).includes(userId);
}

/** Whether one may take others into a room one is in, and set its topic; the server decides again. */
export function mayInviteTo(room: Conversation, me: UserID | undefined): boolean {
  return !room.room?.ownersInvite || owns(room, me);
}
export function maySetTopic(room: Conversation, me: UserID | undefined): boolean {
  return room.room?.membersTopic === true || owns(room, me);
}

/** Those who would have to follow if one left: nobody unless one is the last owner and somebody else is there. */
export function successors(world: Pick<World, "me" | "people">, room: Conversation): User[] {
  const me = world.me?.user.id;
  const last = owns(room, me) && room.room?.ownerIds?.length === 1;
  return last ? membersOf(world, room).filter((u) => u.id !== me && u.active) : [];
}

/** A change of a room as its members read it, for example "Max Weber renamed the room “Glass”". */
export function noteText(t: TFunction, world: Pick<World, "me" | "people">, note: RoomNote): string {
  const me = world.me?.user;
  const nameOf = (id: UserID) =>
    (id === me?.id ? me.displayName : world.people[id]?.displayName) ?? t("rooms.somebodyElse");
  const facts = {
    by: note.byId ? nameOf(note.byId) : "",
    who: (note.userIds ?? []).map(nameOf).join(", "),
    text: note.text ?? "",
  };
  if (note.kind === "owner" && !note.byId) return t("rooms.notes.inherited", facts);
  if (note.kind === "topic" && !note.text) return t("rooms.notes.noTopic", facts);
  return t(`rooms.notes.${note.kind}`, facts);
}
