import type { StoreApi } from "zustand/vanilla";
import type { Request } from "../peer/peer";
import type { ConversationID } from "../protocol";
import type { Shell } from "../shell/shell";
import { changeTalk, withRead } from "./apply";
import type { AppState } from "./appState";
import { conversationOf } from "./navigation";
import { unreadTotal } from "./select";

interface Surroundings {
  store: StoreApi<AppState>;
  shell: Shell;
  request: Request;
  /** What attention is told of. */
  look: (id: ConversationID | null) => void;
}

/** What somebody looks at: the shown conversation while the window has the focus, and of it the end while that is in sight. */
export class Looking {
  focused = document.hasFocus();
  private atEnd = true;
  private badgeShown = 0;
  private told: ConversationID | null = null;

  constructor(private readonly around: Surroundings) {}

  private get state(): AppState {
    return this.around.store.getState();
  }

  at(id: ConversationID): boolean {
    return this.focused && conversationOf(this.state.places.view) === id;
  }

  /** Has attention know what is being looked at, here or at the replica, so that it disturbs nobody about that. */
  tell(): void {
    const shown = conversationOf(this.state.places.view) ?? null;
    this.around.look(this.focused ? shown : null);
    if (!this.around.shell.replica || this.state.peer.kind !== "online") return;
    const conversationId = this.focused ? (shown ?? "") : "";
    if (conversationId === this.told) return;
    this.told = conversationId;
    this.around.request("attention.look", { conversationId }).catch(() => {});
  }

  /** Tells it to a replica that knows nothing of it yet. */
  tellAnew(): void {
    this.told = null;
    this.tell();
  }

  /** The timeline tells whether its end is in sight; one that is opened begins there. */
  setAtEnd(atEnd: boolean): void {
    this.atEnd = atEnd;
  }

  /** Marks the shown conversation as read if somebody is looking at its end. */
  markRead(): void {
    const id = conversationOf(this.state.places.view);
    const talk = id ? this.state.world.talks[id] : undefined;
    if (!id || !talk || !this.atEnd || !this.focused || talk.readN >= talk.lastN) return;
    const n = talk.lastN;
    this.around.store.setState((s) => ({ world: changeTalk(s.world, id, (t) => withRead(t, n)) }));
    this.around.request("read.mark", { conversationId: id, n }).catch(() => {});
    this.badge();
  }

  /** Shows how many messages are unread, where there is a badge. */
  badge(): void {
    const unread = unreadTotal(this.state.world);
    if (unread === this.badgeShown) return;
    this.badgeShown = unread;
    this.around.shell.setBadge(unread);
  }
}
