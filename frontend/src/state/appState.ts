import type { PeerState } from "../peer/peer";
import type {
  AuditEntry,
  ConversationID,
  Draft,
  Failure,
  FileID,
  Message,
  MessageID,
  RightsRequest,
  Saving,
  UserID,
} from "../protocol";
import type { Installing } from "../shell/installed";
import type { Transfer } from "./files";
import { noPlaces, type Places } from "./navigation";
import type { OwnItem } from "./outbox";
import { loadPreferences, type Preferences } from "./preferences";
import type { PushState } from "./push";
import type { Net } from "./select";
import type { Fresh } from "./timeline";
import { emptyWorld, type World } from "./world";

export type Dialog =
  | "settings"
  | "palette"
  | "newMessage"
  | "shortcuts"
  | "devices"
  | "notifications"
  | "password"
  | "secondFactor"
  | "signOut"
  | "newRoom"
  | "rooms"
  | "roomSettings"
  | "roomMembers"
  | "invite"
  | "leaveRoom"
  | "goToDate"
  | "deleteMessage"
  | "versions";

/** Everything the views draw. */
export interface AppState {
  peer: PeerState;
  /** What the connection means for people. */
  net: Net;
  world: World;
  /** What administrators were told of the configuration since the last fresh picture: see auditedAfter. */
  audited: readonly AuditEntry[];
  /** Messages still in this page's hands. */
  own: OwnItem[];
  /** Files on their way, or waiting in a composer. */
  files: readonly Transfer[];
  /** Files that are being saved on this computer, or were not; see app.saveFile. */
  savings: Readonly<Record<FileID, Saving>>;
  /** Drafts not yet kept elsewhere. */
  drafts: Readonly<Record<ConversationID, Draft>>;
  places: Places;
  preferences: Preferences;
  /** Which messages the line "n new" stands before: those not read when the conversation was opened. */
  fresh: Readonly<Record<ConversationID, Fresh>>;
  /** The message one went to, from what was found; its timeline shows it. */
  wanted: { conversationId: ConversationID; id: MessageID; n: number } | null;
  /** The message of one's own that is edited in the composer, as it was then. */
  editing: Message | null;
  /** The messages that the next ones quote, by conversation. */
  quoting: Readonly<Record<ConversationID, Message>>;
  /** The message that the dialog is about which lies over everything else, and whether it is others' conversation. */
  about: { message: Message; transcript: boolean } | null;
  /** Conversations whose older messages are being loaded, or the reason why they could not be. */
  loading: Readonly<Record<ConversationID, true | Failure>>;
  /** Raised when words are put into the composer from outside, which then takes them up. */
  composerRound: number;
  /** What lies over everything else, if anything does. */
  dialog: Dialog | null;
  /** The last thing to be read aloud, for example a new message. */
  announcement: string;
  /** What could not be done, shown for a moment; null when there is nothing to say. */
  notice: Failure | null;
  /** Who follows one's own conversations now, where that is shown. */
  watched: Readonly<Record<ConversationID, readonly UserID[]>>;
  /** A request of one's own that was decided, until it is put away. */
  decided: RightsRequest | null;
  /** Whether a newer version of the page is there, how the page can be installed, and whether it tells of messages when it is closed. */
  update: boolean;
  installing: Installing;
  push: PushState;
}

/** What there is before anything has arrived. */
export const firstState = (): AppState => ({
  peer: { kind: "idle" },
  net: { kind: "connecting" },
  world: emptyWorld,
  audited: [],
  own: [],
  files: [],
  savings: {},
  drafts: {},
  places: noPlaces,
  preferences: loadPreferences(),
  fresh: {},
  wanted: null,
  editing: null,
  quoting: {},
  about: null,
  loading: {},
  composerRound: 0,
  dialog: null,
  announcement: "",
  notice: null,
  watched: {},
  decided: null,
  update: false,
  installing: "no",
  push: "unsupported",
});
