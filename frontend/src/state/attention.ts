import type { Frame, Message } from "../protocol";
import type { World } from "./world";

/** The messages of a frame that somebody else wrote and that are not read yet: what attention may be called to. */
export function newMessages(before: World, after: World, frame: Frame): Message[] {
  const me = after.me?.user.id;
  const found: Message[] = [];
  for (const event of frame.events ?? []) {
    const m = event.type === "message.posted" ? event.message : undefined;
    if (!m || m.authorId === me || m.deletedAt) continue;
    const talk = after.talks[m.conversationId];
    if (!talk || m.n <= talk.readN) continue;
    // A repeat of what was there already calls nobody.
    if ((before.talks[m.conversationId]?.lastN ?? 0) >= m.n) continue;
    found.push(m);
  }
  return found;
}
