// The vocabulary of backend/chat, as its Go types say it. Generated; do not edit.

export type Millis = number;
export type Act = "connect" | "own" | "see" | "deliver" | "read" | "post" | "reply" | "start" | "monitor" | "configure";
export type CommandName = "hello" | "ping" | "message.post" | "history.load" | "read.mark" | "draft.set" | "typing.set" | "status.set" | "session.list" | "session.end" | "password.change" | "user.add" | "user.list" | "user.update" | "user.setPassword" | "settings.update" | "organisation.update" | "replica.signIn" | "replica.signOut" | "replica.retry" | "outbox.discard";
export type NodeType = "doc" | "paragraph" | "blockquote" | "codeBlock" | "bulletList" | "orderedList" | "listItem" | "hardBreak" | "text";
export type MarkType = "bold" | "italic" | "strike" | "code" | "link";
export type Code = "denied" | "unknown" | "invalid" | "conflict" | "offline" | "busy" | "internal" | "signedOut";
export type Gate = "account" | "switch" | "wall" | "license" | "grant" | "personal" | "place";
export type Rule = "account.inactive" | "account.otherInactive" | "switch.off" | "switch.superiorsOnly" | "switch.adminsStart" | "wall.group" | "wall.unknown" | "grant.notAdministrator" | "grant.administratorFixed" | "grant.plainTextOnly" | "personal.repliesOff" | "personal.startOff" | "personal.startNotIncluded" | "place.notParticipant";
export type EventType = "message.posted" | "conversation.opened" | "read.marked" | "draft.changed" | "status.changed" | "user.changed" | "me.changed" | "team.changed" | "organisation.changed";
export type ResetReason = "first" | "expired" | "renewed" | "protocol";
export type SignalType = "typing" | "presence" | "presence.all" | "outbox" | "outbox.gone" | "link" | "alert";
export type OutboxState = "waiting" | "sending" | "refused";
export type LinkState = "connecting" | "online" | "offline";
export type UserID = string;
export type GroupID = string;
export type TeamID = string;
export type ConversationID = string;
export type MessageID = string;
export type SessionID = string;
export type DeviceID = string;
export type Cursor = string;
export type ConversationKind = string;
export type WorkState = "available" | "break" | "workingOffline" | "wrapUp";
export type Availability = "online" | "busy" | "away" | "offline";
export type PresenceRule = "noDevice" | "break" | "workingOffline" | "wrapUp" | "signedIn";
export type DeviceKind = "desktop" | "browser" | "phone";
export type Role = "agent" | "supervisor" | "administrator" | "expert";
export type StartScope = "everyone" | "users" | "teams" | "roles";
export type MessagingMode = "everyone" | "superiorsOnly" | "administratorsStart";

export interface HelloArgs {
  protocol: number;
  device: Device;
  cursor?: Cursor;
}

export interface Device {
  id: DeviceID;
  kind: DeviceKind;
  name: string;
}

export interface HelloAnswer {
  userId: UserID;
  sessionId: SessionID;
  serverAt: Millis;
  version: string;
  replica: boolean;
}

export interface MessagePostArgs {
  id: MessageID;
  conversationId: ConversationID;
  text?: string;
  document?: DocumentNode;
}

export interface MessagePostAnswer {
  n?: number;
  at?: Millis;
  waiting?: boolean;
}

export interface HistoryLoadArgs {
  conversationId: ConversationID;
  beforeN: number;
  limit: number;
}

export interface HistoryLoadAnswer {
  messages: Message[];
  more: boolean;
}

export interface ReadMarkArgs {
  conversationId: ConversationID;
  n: number;
}

export interface DraftSetArgs {
  conversationId: ConversationID;
  text: string;
  document?: DocumentNode;
}

export interface TypingSetArgs {
  conversationId: ConversationID;
  typing: boolean;
}

export interface StatusSetArgs {
  state: WorkState;
  reason: string;
}

export interface SessionInfo {
  id: SessionID;
  deviceKind: DeviceKind;
  deviceName: string;
  createdAt: Millis;
  lastSeenAt: Millis;
  live: boolean;
  current: boolean;
}

export interface SessionListAnswer {
  sessions: SessionInfo[];
}

export interface SessionEndArgs {
  sessionId: SessionID;
}

export interface PasswordChangeArgs {
  old: string;
  new: string;
}

export interface UserAddArgs {
  name: string;
  displayName: string;
  role: Role;
  title?: string;
  group?: string;
  teams?: string[];
  password: string;
}

export interface UserAddAnswer {
  userId: UserID;
}

export interface UserRecord {
  user: User;
  name: string;
  group?: Group;
  settings: MessagingSettings;
  pending?: MessagingSettings;
  revision: number;
}

export interface UserListAnswer {
  users: UserRecord[];
  groups: Group[];
  teams: Team[];
}

export interface UserUpdateArgs {
  userId: UserID;
  revision: number;
  displayName?: string;
  title?: string;
  role?: Role;
  group?: string;
  teams?: string[];
  active?: boolean;
}

export interface UserSetPasswordArgs {
  userId: UserID;
  password: string;
}

export interface SettingsUpdateArgs {
  userId: UserID;
  revision: number;
  settings: MessagingSettings;
  applyNow: boolean;
}

export interface OrganisationUpdateArgs {
  organisation: Organisation;
}

export interface RevisionAnswer {
  revision: number;
}

export interface ReplicaSignInArgs {
  server: string;
  name: string;
  password: string;
}

export interface OutboxDiscardArgs {
  id: MessageID;
}

export interface DocumentNode {
  type: NodeType;
  content?: DocumentNode[];
  text?: string;
  marks?: Mark[];
}

export interface Mark {
  type: MarkType;
  attrs?: LinkAttrs;
}

export interface LinkAttrs {
  href: string;
}

export interface Refusal {
  gate: Gate;
  rule: Rule;
}

export interface Error {
  code: Code;
  text: string;
  refusal?: Refusal;
  retryAfterMs?: Millis;
}

export interface Event {
  type: EventType;
  message?: Message;
  conversation?: Conversation;
  read?: ReadMarkArgs;
  draft?: Draft;
  status?: Status;
  user?: User;
  me?: Me;
  team?: Team;
  organisation?: Organisation;
}

export interface Can {
  allowed: boolean;
  gate?: Gate;
  rule?: Rule;
  untilAt?: Millis;
  thenGate?: Gate;
  thenRule?: Rule;
}

export interface Rights {
  peopleGained?: User[];
  peopleLost?: UserID[];
  conversationsGained?: ConversationState[];
  conversationsLost?: ConversationID[];
  start?: { [key: string]: Can };
  post?: { [key: string]: Can };
}

export interface ConversationState {
  conversation: Conversation;
  lastN: number;
  readN: number;
  tail: Message[];
  more: boolean;
  draft?: Draft;
}

export interface Snapshot {
  me: Me;
  organisation: Organisation;
  teams: Team[];
  people: User[];
  conversations: ConversationState[];
  rights: Rights;
  presence: Presence[];
  outbox?: OutboxItem[];
  link?: Link;
}

export interface Signal {
  type: SignalType;
  conversationId?: ConversationID;
  userId?: UserID;
  typing?: boolean;
  presence?: Presence;
  presenceAll?: Presence[];
  outbox?: OutboxItem;
  messageId?: MessageID;
  link?: Link;
  alert?: Alert;
}

export interface OutboxItem {
  message: MessagePostArgs;
  order: number;
  at: Millis;
  state: OutboxState;
  error?: Error;
}

export interface Link {
  state: LinkState;
  sinceAt: Millis;
  nextTryAt?: Millis;
  server: string;
  warning?: string;
}

export interface Alert {
  conversationId: ConversationID;
  sound?: boolean;
  open?: boolean;
}

export interface Conversation {
  id: ConversationID;
  kind: ConversationKind;
  participants: UserID[];
  createdAt: Millis;
}

export interface Message {
  id: MessageID;
  conversationId: ConversationID;
  n: number;
  authorId: UserID;
  at: Millis;
  text: string;
  document?: DocumentNode;
}

export interface Draft {
  conversationId: ConversationID;
  text: string;
  document?: DocumentNode;
  at: Millis;
}

export interface Status {
  state: WorkState;
  reason: string;
  at: Millis;
}

export interface Presence {
  userId: UserID;
  availability: Availability;
  rule: PresenceRule;
  reason?: string;
  device?: DeviceKind;
  sinceAt: Millis;
}

export interface User {
  id: UserID;
  displayName: string;
  role: Role;
  title: string;
  teamIds: TeamID[];
  active: boolean;
}

export interface Team {
  id: TeamID;
  name: string;
}

export interface Group {
  id: GroupID;
  name: string;
}

export interface MessagingSettings {
  replies: boolean;
  start: boolean;
  scope: StartScope;
  targets: string[];
}

export interface Organisation {
  name: string;
  messaging: boolean;
  mode: MessagingMode;
  replyWindowMs: Millis;
}

export interface Me {
  user: User;
  name: string;
  group?: Group;
  settings: MessagingSettings;
  pending?: MessagingSettings;
  status: Status;
}

export interface Request {
  id: number;
  do: CommandName;
  args?: unknown;
}

export interface Frame {
  re?: number;
  ok?: unknown;
  error?: Error;
  prev?: Cursor;
  cursor?: Cursor;
  events?: Event[];
  reset?: Reset;
  rights?: Rights;
  signals?: Signal[];
}

export interface Reset {
  reason: ResetReason;
  cursor: Cursor;
  snapshot: Snapshot;
}
