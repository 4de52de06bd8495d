import type * as t from "./types";

// The vocabulary of backend/chat and the frames of backend/wire. The names Error and Event mean other things
// in a browser, so here they are called Failure and LogEvent.
export type {
  Act,
  Alert,
  Attachment,
  Attention,
  AttentionUpdateArgs,
  AuditChange,
  AuditEntry,
  AuditListAnswer,
  AuditListArgs,
  AuditVerifyAnswer,
  Availability,
  Because,
  Can,
  Change,
  ChangePreviewAnswer,
  Conversation,
  ConversationID,
  ConversationMuteArgs,
  ConversationState,
  Cursor,
  Device,
  DeviceKind,
  DocumentNode,
  DoNotDisturb,
  Draft,
  DraftSetArgs,
  Edition,
  Enrolment,
  Error as Failure,
  Event as LogEvent,
  ExplainAskArgs,
  Explanation,
  FactorState,
  FaultKind,
  FileID,
  Finding,
  FindingKind,
  Fix,
  FixStep,
  Frame,
  Gate,
  GateStep,
  Group,
  GroupID,
  GroupKind,
  GroupRecord,
  HealthCheckAnswer,
  HelloAnswer,
  HelloArgs,
  HistoryLoadAnswer,
  HistoryLoadArgs,
  ImportedUser,
  ImportOutcome,
  License,
  Link,
  Mark,
  Me,
  Message,
  MessageID,
  MessagePostAnswer,
  MessagePostArgs,
  MessageReactions,
  MessageVersion,
  MessagingMode,
  MessagingSettings,
  Millis,
  MonitoringListAnswer,
  MonitoringRule,
  ObjectAccess,
  Organisation,
  OutboxFile,
  OutboxItem,
  PairMove,
  Permission,
  PermissionSet,
  PermissionSetID,
  PermissionSetName,
  Placeholder,
  Presence,
  PushNotice,
  QueueID,
  QueueRecord,
  QuietHours,
  RecoveryAnswer,
  RefusalTarget,
  Reminder,
  ReminderMode,
  ReplicaSignInAnswer,
  ReplicaSignInArgs,
  RequestID,
  RequestListAnswer,
  Reset,
  Rights,
  RightsRequest,
  Role,
  Room,
  RoomChange,
  RoomCreateArgs,
  RoomFindAnswer,
  RoomFindArgs,
  RoomInfo,
  RoomInviteArgs,
  RoomJoinArgs,
  RoomLeaveArgs,
  RoomMembers,
  RoomNote,
  RoomRemoveArgs,
  RoomSetOwnerArgs,
  RoomSetTopicArgs,
  RoomUpdateArgs,
  Rule,
  Saving,
  SessionID,
  SessionInfo,
  Signal,
  Snapshot,
  StartScope,
  StatusSetArgs,
  SubjectKind,
  Team,
  TeamID,
  TeamRecord,
  Template,
  TemplateContent,
  TemplateID,
  TemplateListAnswer,
  TemplateNews,
  TemplateRecord,
  TranscriptInfo,
  TranscriptListAnswer,
  User,
  UserAddArgs,
  UserFields,
  UserID,
  UserImportAnswer,
  UserImportArgs,
  UserListAnswer,
  UserRecord,
  UserRevision,
  UserUpdateArgs,
  WatchedGroup,
  WorkState,
} from "./types";

/** The version of the vocabulary this page speaks (chat.ProtocolVersion). */
export const PROTOCOL_VERSION = 1;

/** The longest message, in characters of its plain text (chat.MaxTextLength). */
export const MAX_TEXT_LENGTH = 20_000;

/** The largest file in bytes, and the most files of one message (chat.MaxFileBytes, MaxAttachments). */
export const MAX_FILE_BYTES = 100_000_000;
export const MAX_ATTACHMENTS = 10;

/** The longest text of a template, and the longest shortcut, in characters (chat.MaxTemplateLength, MaxShortcutLength). */
export const MAX_TEMPLATE_LENGTH = 4000;
export const MAX_SHORTCUT_LENGTH = 30;

/** What a template's text may leave open, in the order in which it is offered (chat.Placeholders). */
export const PLACEHOLDERS: readonly t.Placeholder[] = [
  "otherName",
  "otherFirstName",
  "myName",
  "myFirstName",
  "organisation",
  "date",
  "time",
];

/** The longest text of a request for rights, and of the note of its decision, in characters (chat.MaxRequestText). */
export const MAX_REQUEST_TEXT = 500;

/** The longest name of a room, in characters, and the most members it has (chat.MaxNameLength, MaxRoomMembers). */
export const MAX_NAME_LENGTH = 100;
export const MAX_ROOM_MEMBERS = 1000;

/** The longest topic of a room, in characters, and how many of its notes are kept (chat.MaxTopicLength, MaxRoomNotes). */
export const MAX_TOPIC_LENGTH = 250;
export const MAX_ROOM_NOTES = 100;

/** How many users one command changes at most (chat.MaxUpdatedUsers). */
export const MAX_UPDATED_USERS = 1000;

/** How many targets Start names at most (chat.MaxStartTargets). */
export const MAX_START_TARGETS = 2000;

/** The shortest new password in characters, and the longest in UTF-8 bytes (chat.MinPasswordLength, MaxPasswordBytes). */
export const MIN_PASSWORD_LENGTH = 8;
export const MAX_PASSWORD_BYTES = 256;

/** The most records of one import (chat.MaxImportedUsers). */
export const MAX_IMPORTED_USERS = 200;

/** The seven gates in the order in which they are asked (chat.Gates). */
export const GATES = ["account", "switch", "wall", "license", "grant", "personal", "place"] as const;

/** The commands the page gives, with their arguments. */
export interface CommandArgs {
  hello: t.HelloArgs;
  ping: Record<string, never>;
  "message.post": t.MessagePostArgs;
  "message.edit": t.MessageEditArgs;
  "message.delete": t.MessageDeleteArgs;
  "message.versions": t.MessageVersionsArgs;
  "message.react": t.MessageReactArgs;
  "transcript.versions": t.MessageVersionsArgs;
  "history.load": t.HistoryLoadArgs;
  "message.search": t.MessageSearchArgs;
  "read.mark": t.ReadMarkArgs;
  "draft.set": t.DraftSetArgs;
  "typing.set": t.TypingSetArgs;
  "room.create": t.RoomCreateArgs;
  "room.invite": t.RoomInviteArgs;
  "room.leave": t.RoomLeaveArgs;
  "room.find": t.RoomFindArgs;
  "room.join": t.RoomJoinArgs;
  "room.setTopic": t.RoomSetTopicArgs;
  "room.update": t.RoomUpdateArgs;
  "room.setOwner": t.RoomSetOwnerArgs;
  "room.remove": t.RoomRemoveArgs;
  "status.set": t.StatusSetArgs;
  "idle.set": t.IdleSetArgs;
  "attention.update": t.AttentionUpdateArgs;
  "conversation.mute": t.ConversationMuteArgs;
  "push.subscribe": t.PushSubscribeArgs;
  "push.unsubscribe": Record<string, never>;
  "session.list": Record<string, never>;
  "session.end": t.SessionEndArgs;
  "password.change": t.PasswordChangeArgs;
  "user.add": t.UserAddArgs;
  "factor.show": Record<string, never>;
  "factor.begin": t.FactorBeginArgs;
  "factor.confirm": t.FactorCodeArgs;
  "factor.renew": t.FactorCodeArgs;
  "factor.disable": t.FactorCodeArgs;
  "user.resetFactor": t.UserResetFactorArgs;
  "user.list": Record<string, never>;
  "user.update": t.UserUpdateArgs;
  "user.setPassword": t.UserSetPasswordArgs;
  "user.updateMany": t.UserUpdateManyArgs;
  "user.import": t.UserImportArgs;
  "group.create": t.GroupCreateArgs;
  "group.update": t.GroupUpdateArgs;
  "group.setDefault": t.GroupSetDefaultArgs;
  "group.delete": t.GroupRevisionArgs;
  "team.create": t.TeamCreateArgs;
  "team.rename": t.TeamRenameArgs;
  "team.delete": t.TeamDeleteArgs;
  "queue.create": t.QueueCreateArgs;
  "queue.update": t.QueueUpdateArgs;
  "queue.delete": t.QueueDeleteArgs;
  "template.list": Record<string, never>;
  "template.create": t.TemplateCreateArgs;
  "template.update": t.TemplateUpdateArgs;
  "template.delete": t.TemplateDeleteArgs;
  "settings.update": t.SettingsUpdateArgs;
  "organisation.update": t.OrganisationUpdateArgs;
  "set.list": Record<string, never>;
  "set.create": t.SetCreateArgs;
  "set.update": t.SetUpdateArgs;
  "set.clone": t.SetCloneArgs;
  "set.delete": t.SetDeleteArgs;
  "set.assign": t.SetAssignArgs;
  "license.assign": t.LicenseAssignArgs;
  "edition.preview": t.EditionPreviewArgs;
  "edition.update": t.EditionUpdateArgs;
  "explain.ask": t.ExplainAskArgs;
  "change.preview": t.ChangePreviewArgs;
  "health.check": Record<string, never>;
  "request.make": t.RequestMakeArgs;
  "request.list": t.RequestListArgs;
  "request.decide": t.RequestDecideArgs;
  "audit.list": t.AuditListArgs;
  "audit.verify": Record<string, never>;
  "monitoring.list": Record<string, never>;
  "monitoring.update": t.MonitoringUpdateArgs;
  "monitoring.show": t.MonitoringShowArgs;
  "transcript.list": t.TranscriptListArgs;
  "transcript.load": t.HistoryLoadArgs;
  "transcript.watch": t.TranscriptWatchArgs;
  "transcript.unwatch": t.TranscriptWatchArgs;
  "replica.signIn": t.ReplicaSignInArgs;
  "replica.ssoName": t.ReplicaServerArgs;
  "replica.ssoBegin": t.ReplicaServerArgs;
  "replica.ssoAwait": Record<string, never>;
  "replica.signOut": Record<string, never>;
  "replica.retry": Record<string, never>;
  "outbox.discard": t.OutboxDiscardArgs;
  "attention.look": t.AttentionLookArgs;
  "file.ticket": t.FileTicketArgs;
}

/** A command the page gives. */
export type CommandName = keyof CommandArgs;

/** What each command answers; the rest answer an empty object. */
export type CommandOk = {
  [C in CommandName]: C extends keyof Answers ? Answers[C] : Record<string, never>;
};

interface Answers {
  "factor.show": t.FactorState;
  "factor.begin": t.Enrolment;
  "factor.confirm": t.RecoveryAnswer;
  "factor.renew": t.RecoveryAnswer;
  "replica.signIn": t.ReplicaSignInAnswer;
  "replica.ssoName": t.ReplicaSSONameAnswer;
  "replica.ssoBegin": t.ReplicaSSOBeginAnswer;
  "file.ticket": t.FileTicketAnswer;
  "audit.list": t.AuditListAnswer;
  "audit.verify": t.AuditVerifyAnswer;
  "monitoring.list": t.MonitoringListAnswer;
  "monitoring.update": t.RevisionAnswer;
  "transcript.list": t.TranscriptListAnswer;
  "transcript.load": t.HistoryLoadAnswer;
  hello: t.HelloAnswer;
  "message.post": t.MessagePostAnswer;
  "message.edit": t.RevisionAnswer;
  "message.versions": t.MessageVersionsAnswer;
  "transcript.versions": t.MessageVersionsAnswer;
  "history.load": t.HistoryLoadAnswer;
  "message.search": t.MessageSearchAnswer;
  "room.find": t.RoomFindAnswer;
  "session.list": t.SessionListAnswer;
  "user.add": t.UserAddAnswer;
  "user.list": t.UserListAnswer;
  "user.update": t.RevisionAnswer;
  "user.updateMany": t.UserUpdateManyAnswer;
  "user.import": t.UserImportAnswer;
  "group.create": t.GroupCreateAnswer;
  "group.update": t.RevisionAnswer;
  "group.setDefault": t.RevisionAnswer;
  "team.create": t.TeamCreateAnswer;
  "team.rename": t.RevisionAnswer;
  "queue.create": t.QueueCreateAnswer;
  "queue.update": t.RevisionAnswer;
  "template.list": t.TemplateListAnswer;
  "template.create": t.RevisionAnswer;
  "template.update": t.RevisionAnswer;
  "settings.update": t.RevisionAnswer;
  "organisation.update": t.RevisionAnswer;
  "set.list": t.SetListAnswer;
  "set.create": t.SetAnswer;
  "set.update": t.SetAnswer;
  "set.clone": t.SetAnswer;
  "set.assign": t.UsersAnswer;
  "license.assign": t.UsersAnswer;
  "edition.preview": t.EditionPreviewAnswer;
  "edition.update": t.RevisionAnswer;
  "explain.ask": t.Explanation;
  "change.preview": t.ChangePreviewAnswer;
  "health.check": t.HealthCheckAnswer;
  "request.make": t.RequestMakeAnswer;
  "request.list": t.RequestListAnswer;
}
