import type { ConversationID, User, UserID } from "../protocol";
import { matching } from "./select";
import type { World } from "./world";

// Somebody is mentioned by "@" and their name, in plain and in rich text alike; the message names their ids beside the text. Only who
// takes part in the conversation can be mentioned.

/** How many people are proposed at most. */
const MOST = 6;

/** The others who take part in a conversation, as far as one knows them. */
function others(world: World, id: ConversationID): User[] {
  const talk = world.talks[id];
  const me = world.me?.user.id;
  return (talk?.conversation.participants ?? []).flatMap((p) => (p === me ? [] : (world.people[p] ?? [])));
}

/** The ids of those whom a text mentions, in order; undefined for nobody, as the wire has it. */
export function mentionsIn(world: World, id: ConversationID, text: string): UserID[] | undefined {
  if (!text.includes("@")) return undefined;
  const found = others(world, id).filter((u) => text.includes(`@${u.displayName}`));
  return found.length ? found.map((u) => u.id).sort() : undefined;
}

/** What is typed of a mention just before the caret: the words after "@"; null if it is none. */
export function mentionBefore(before: string): string | null {
  return /(?:^|[\s(])@([^\s@]{0,30}(?: [^\s@]{1,30})?)$/u.exec(before)?.[1] ?? null;
}

/** Who may be meant by what is typed after "@". */
export function proposed(world: World, id: ConversationID, typed: string): User[] {
  return matching(typed, others(world, id), (u) => [u.displayName]).slice(0, MOST);
}
