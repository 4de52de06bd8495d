import type { ConversationID, Message, Millis } from "../protocol";
import { playNotification } from "../shell/sound";
import { clearToast, showToast } from "../shell/toast";
import { Disturb, quietAt, type Toast } from "./disturb";
import type { Preferences } from "./preferences";
import { faceOf } from "./rooms";
import { unreadOf } from "./select";
import type { World } from "./world";

/** The tag of the notification that tells of several conversations. */
const SEVERAL = "several";

interface Surroundings {
  /** Whether the page decides; on the desktop its replica does. */
  decides: boolean;
  preferences: () => Preferences;
  /** Whether the window has the focus: then nothing need come from outside of it. */
  focused: () => boolean;
  /** What a notification of several conversations says. */
  several: (toast: Toast) => string;
  /** Shows a conversation, as the click on its notification asks; without one, the list. */
  reveal: (id?: ConversationID) => void;
  setTimer: (run: () => void, ms: number) => () => void;
  now: () => Millis;
}

/** Carries out what the rule says (see Disturb): sounds and notifications of the browser. */
export class Alerting {
  private rule = new Disturb();
  /** Muted conversations that disturb all the same, since a message mentions the user. */
  private readonly named = new Set<ConversationID>();
  private cancel: () => void = () => {};

  constructor(private readonly around: Surroundings) {}

  /** Takes up what has become of the world: what was read, muted or lost disturbs no more, and choices may be others. */
  follow(world: World): void {
    this.rule.configure({ ...world.me?.attention, organisation: world.organisation?.reminder });
    for (const id of this.rule.waiting()) {
      const talk = world.talks[id];
      if (!talk || unreadOf(talk) === 0 || (talk.muted && !this.named.has(id))) this.end(id);
      else if (!talk.muted) this.named.delete(id);
    }
    this.run();
  }

  /** Somebody else's message that nobody looked at as it came. */
  posted(world: World, m: Message): void {
    const author = world.people[m.authorId]?.displayName ?? "";
    const room = world.talks[m.conversationId]?.conversation.kind === "room";
    const muted = world.talks[m.conversationId]?.muted ?? false;
    const mentioned = mentions(world, m);
    if (muted && mentioned) this.named.add(m.conversationId);
    const name = room ? `${author}, ${faceOf(world, m.conversationId)?.name ?? ""}` : author;
    this.rule.posted(this.around.now(), {
      id: m.id,
      conversationId: m.conversationId,
      from: name,
      text: m.text,
      muted,
      mentioned,
    });
  }

  /** A message was deleted: a notification that tells of it goes away. */
  deleted(m: Message): void {
    if (this.rule.deleted(m.conversationId, m.id)) clearToast(m.conversationId);
  }

  /** What the user is looking at. */
  look(id: ConversationID | null): void {
    this.rule.look(id);
    if (id) this.end(id);
    if (this.around.focused()) clearToast(SEVERAL);
  }

  /** Whether this page is to disturb before the user's other devices. */
  setForemost(foremost: boolean): void {
    this.rule.setForemost(foremost);
    this.run();
  }

  /** Whether nothing is to disturb now. */
  quiet(world: World): boolean {
    return quietAt(world.me?.attention ?? {}, this.around.now()).quiet;
  }

  /** Plays the sound that was chosen for this computer, if any. */
  sound(): void {
    const { sound, soundName, volume } = this.around.preferences();
    if (sound) playNotification(soundName, volume);
  }

  /** Somebody else may sign in: nothing of this stays. */
  forget(): void {
    for (const id of this.rule.waiting()) this.end(id);
    clearToast(SEVERAL);
    this.rule = new Disturb();
    this.cancel();
  }

  /** Does what is due, and comes back for what waits. */
  run(): void {
    if (!this.around.decides) return;
    const due = this.rule.due(this.around.now());
    if (due.sound) this.sound();
    for (const toast of due.toasts) this.show(toast);
    this.cancel();
    // A timer holds about 24 days; what waits longer is looked at again then.
    if (due.again > 0)
      this.cancel = this.around.setTimer(() => this.run(), Math.min(due.again, 2_000_000_000));
  }

  private show(toast: Toast): void {
    if (!this.around.preferences().toasts || this.around.focused()) return;
    const { conversationId: id, from } = toast;
    showToast(id ?? SEVERAL, from ?? this.around.several(toast), id, () => this.around.reveal(id));
  }

  private end(id: ConversationID): void {
    this.rule.read(id);
    this.named.delete(id);
    clearToast(id);
  }
}

/** Whether a message is meant for the user in particular. */
export function mentions(world: World, m: Message): boolean {
  return world.me !== null && (m.mentions?.includes(world.me.user.id) ?? false);
}
