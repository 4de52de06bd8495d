import { RequestError } from "../peer/peer";
import { newUUID } from "../peer/uuid";
import type {
  CommandArgs,
  CommandName,
  CommandOk,
  ConversationID,
  Failure,
  RoomCreateArgs,
  RoomFindAnswer,
  RoomUpdateArgs,
  UserID,
} from "../protocol";

type Request = <C extends CommandName>(command: C, args: CommandArgs[C]) => Promise<CommandOk[C]>;

/** So many rooms are listed at once; whoever looks for others types more. */
const LISTED = 50;

/** What one does with rooms. Whatever changes something returns why it could not be done, null if it was. */
export class Rooms {
  constructor(
    private readonly request: Request,
    private readonly open: (id: ConversationID) => void,
  ) {}

  /** The id for a room that is about to be made; the same for every try to make it. */
  newId(): ConversationID {
    return `r.${newUUID()}`;
  }

  /** Makes a room and goes there. */
  create(args: RoomCreateArgs): Promise<Failure | null> {
    return this.entered(args.id, this.request("room.create", args));
  }

  /**
   * The public rooms in whose name or topic all words stand.
   * @throws RequestError, `offline` without a connection to the hub.
   */
  find(text: string): Promise<RoomFindAnswer> {
    return this.request("room.find", { text, limit: LISTED });
  }

  /** Joins a public room and goes there. */
  join(conversationId: ConversationID): Promise<Failure | null> {
    return this.entered(conversationId, this.request("room.join", { conversationId }));
  }

  invite(conversationId: ConversationID, userIds: UserID[]): Promise<Failure | null> {
    return refusal(this.request("room.invite", { conversationId, userIds }));
  }

  /** Leaves a room; it disappears with all traces. An owner may name who owns it then. */
  leave(conversationId: ConversationID, successorId?: UserID): Promise<Failure | null> {
    return refusal(this.request("room.leave", { conversationId, ...(successorId && { successorId }) }));
  }

  setTopic(conversationId: ConversationID, topic: string): Promise<Failure | null> {
    return refusal(this.request("room.setTopic", { conversationId, topic }));
  }

  update(args: RoomUpdateArgs): Promise<Failure | null> {
    return refusal(this.request("room.update", args));
  }

  setOwner(conversationId: ConversationID, userId: UserID, owner: boolean): Promise<Failure | null> {
    return refusal(this.request("room.setOwner", { conversationId, userId, owner }));
  }

  remove(conversationId: ConversationID, userId: UserID): Promise<Failure | null> {
    return refusal(this.request("room.remove", { conversationId, userIds: [userId] }));
  }

  private async entered(id: ConversationID, request: Promise<unknown>): Promise<Failure | null> {
    const refused = await refusal(request);
    if (!refused) this.open(id);
    return refused;
  }
}

async function refusal(request: Promise<unknown>): Promise<Failure | null> {
  try {
    await request;
    return null;
  } catch (e) {
    if (!(e instanceof RequestError)) throw e;
    return e.failure;
  }
}
