import { IconAlertCircle, IconCheck, IconClock } from "@tabler/icons-react";
import { memo, type ReactNode, useState } from "react";
import { clock, exact } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import type { ConversationID, DocumentNode, Message, OutboxFile, OutboxItem, UserID } from "../../protocol";
import { plainText } from "../../state/document";
import { filesOfTemplates } from "../../state/templates";
import { Avatar } from "../base/Avatar";
import { LinkButton } from "../base/parts";
import { useCopy } from "../base/useCopy";
import { useApp, useNet, useParley } from "../context";
import { Attachments, PendingFiles } from "../files/Attachments";
import { shortFailure } from "../why/reason";
import { WhyLink } from "../why/Why";
import a from "./amend.module.css";
import c from "./conversation.module.css";
import { MessageActions, useMessageKeys } from "./MessageActions";
import { Quote } from "./Quote";
import { Reactions } from "./Reactions";
import { Mentioned, PlainText, RichText } from "./RichText";

/** A posted message. */
export const Bubble = memo(function Bubble({
  message,
  mine,
  name,
  first,
  pictured,
  mayPost,
  versions = "own",
}: {
  message: Message;
  mine: boolean;
  /** The author's name, shown above the first of a group that is not one's own. */
  name: string;
  first: boolean;
  /** Whether others are shown with their sign, as in rooms, where there are several. */
  pictured?: boolean;
  /** Whether one may write here now, and so edit. */
  mayPost?: boolean;
  /** By which right one reads what it was before: as who takes part, by the transcript, or not at all. */
  versions?: Versions;
}) {
  const { t } = useTranslation();
  const mentioned = useMentioned(message.mentions);
  const onKeyDown = useMessageKeys(message, mine, mayPost ?? false);
  // The tools are made for the message one comes to: those of all in sight would be most of the work of drawing them.
  const [near, setNear] = useState(false);
  const come = () => setNear(true);
  return (
    <div
      className={c.message}
      data-mine={mine || undefined}
      data-joined={!first || undefined}
      data-pictured={(pictured && !mine) || undefined}
    >
      {pictured && first && !mine && <Avatar name={name} size="md" />}
      {first && !mine && <div className={c.who}>{name}</div>}
      {/* Who speaks is told to screen readers with every message. */}
      <span className="vh">{mine ? t("conversation.you") : name}: </span>
      {/* biome-ignore lint/a11y/useSemanticElements: it is no part of a form */}
      <div
        className={`${c.bubble} ${a.host}`}
        role="group"
        aria-label={`${mine ? t("conversation.you") : name}, ${exact(message.at)}`}
        data-bubble
        data-mentioned={mentioned.some((one) => one.me) || undefined}
        tabIndex={-1}
        onKeyDown={onKeyDown}
        onPointerEnter={come}
        onFocus={come}
      >
        {near && <MessageActions message={message} mine={mine} mayPost={mayPost ?? false} />}
        {message.replyToId && (
          <Quote conversationId={message.conversationId} id={message.replyToId} n={message.replyToN} />
        )}
        <Mentioned value={mentioned}>
          <Content message={message} versions={versions}>
            {mine && <IconCheck size={14} stroke={1.8} role="img" aria-label={t("message.posted")} />}
          </Content>
        </Mentioned>
      </div>
      <Reactions message={message} mayPost={mayPost ?? false} />
    </div>
  );
});

type Versions = "own" | "transcript" | "none";

/** What a message says, or that it was deleted; then its time. */
function Content({
  message,
  versions,
  children,
}: {
  message: Message;
  versions: Versions;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const app = useApp();
  const { deletedAt, editedAt } = message;
  const earlier = (text: string, title?: string) =>
    versions === "none" ? (
      <span title={title}>{text}</span>
    ) : (
      <button
        type="button"
        className={a.edited}
        title={title}
        onClick={() => app.showAbout("versions", message, versions === "transcript")}
      >
        {text}
      </button>
    );
  if (deletedAt) {
    return (
      <>
        <span className={a.gone}>{t("message.deleted")}</span>
        <Sign at={message.at}>{versions === "transcript" && earlier(t("message.versions"))}</Sign>
      </>
    );
  }
  return (
    <Body
      text={message.text}
      doc={message.document}
      files={message.attachments?.length ? <Attachments files={message.attachments} /> : null}
      tail={
        <Sign at={message.at} state={children ? "posted" : undefined}>
          {editedAt && earlier(t("message.edited"), t("message.editedAt", { time: exact(editedAt) }))}
          {children}
        </Sign>
      }
    />
  );
}

/** A message that is not posted: it waits, is on its way, or was refused; then what can be done about it. */
export function PendingBubble({
  item,
  name,
  first,
  last,
}: {
  item: OutboxItem;
  name: string;
  first: boolean;
  last: boolean;
}) {
  const { t } = useTranslation();
  const app = useApp();
  const world = useParley((s) => s.world);
  const offline = useNet().kind === "offline";
  const refused = item.state === "refused";
  const replica = app.shell.replica;
  const word = refused
    ? t("message.refused")
    : item.state === "sending"
      ? t("message.sending")
      : t(replica ? "message.waiting" : "message.waitingBrowser");
  const Icon = refused ? IconAlertCircle : IconClock;
  const document = item.message.document;
  const files = useWaitingFiles(item);
  const text = item.message.text || (document ? plainText(document) : "");
  return (
    <div className={c.message} data-mine data-joined={!first || undefined}>
      <span className="vh">{t("conversation.you")}: </span>
      <div className={c.bubble} data-state={refused ? "refused" : "waiting"}>
        {item.message.replyToId && (
          <Quote conversationId={item.message.conversationId} id={item.message.replyToId} />
        )}
        <Body
          text={text}
          doc={document}
          files={files.length > 0 ? <PendingFiles files={files} /> : null}
          tail={
            <Sign at={item.at} state={item.state}>
              <Icon size={14} stroke={1.7} role="img" aria-label={word} title={word} />
            </Sign>
          }
        />
      </div>
      {refused && item.error && (
        <div className={c.whyLine} role="status">
          <span>{t("message.notSent", { reason: shortFailure(t, item.error, world, name) })}</span>
          <WhyLink
            source={item.error}
            name={name}
            about={{ act: "post", conversationId: item.message.conversationId }}
          />
          {text && <CopyLink text={text} />}
          <LinkButton onClick={() => app.writing.writeAgain(item)}>{t("message.edit")}</LinkButton>
          <LinkButton onClick={() => app.writing.discard(item.message.id)}>{t("message.discard")}</LinkButton>
        </div>
      )}
      {!refused && offline && last && (
        <div className={c.note}>{t(replica ? "message.kept" : "message.keptBrowser")}</div>
      )}
    </div>
  );
}

function CopyLink({ text }: { text: string }) {
  const { t } = useTranslation();
  const { copied, copy } = useCopy(text);
  return <LinkButton onClick={copy}>{t(copied ? "message.copied" : "message.copy")}</LinkButton>;
}

/** A message that one is writing, as it will be shown. */
export function PreviewBubble({
  conversationId,
  text,
  document,
  mentions,
  quoted,
  files,
}: {
  conversationId: ConversationID;
  text: string;
  document: DocumentNode | undefined;
  mentions: UserID[] | undefined;
  quoted: Message | undefined;
  files: OutboxFile[];
}) {
  const mentioned = useMentioned(mentions);
  return (
    <div className={c.message} data-mine>
      <div className={c.bubble}>
        {quoted && <Quote conversationId={conversationId} id={quoted.id} n={quoted.n} />}
        <Mentioned value={mentioned}>
          <Body
            text={text}
            doc={document}
            files={files.length > 0 ? <PendingFiles files={files} /> : null}
            tail={<Sign at={Date.now()}>{null}</Sign>}
          />
        </Mentioned>
      </div>
    </div>
  );
}

/** Those whom a message mentions, as its text marks them. */
function useMentioned(ids: UserID[] | undefined) {
  const world = useParley((s) => (ids ? s.world : null));
  const me = world?.me?.user;
  return (ids ?? []).flatMap((id) => {
    const user = id === me?.id ? me : world?.people[id];
    return user ? [{ name: user.displayName, me: user === me }] : [];
  });
}

/** The files of a message that waits: those that are sent with it, and those that templates have. */
function useWaitingFiles({ message, files = [] }: OutboxItem): OutboxFile[] {
  const ids = message.templateFileIds;
  const world = useParley((s) => (ids ? s.world : null));
  // In this page's own hands all are among them.
  const all = files.length === (message.fileIds?.length ?? 0);
  if (!ids || !world || !all) return files;
  return [...files, ...filesOfTemplates(world, ids).map((f) => ({ ...f, sent: f.size }))];
}

/** Longer texts begin folded, so that one message never fills the whole timeline. */
const LONG = 1800;

function Body({
  text,
  doc,
  files,
  tail,
}: {
  text: string;
  doc: DocumentNode | undefined;
  /** The message's files, below its words. */
  files: ReactNode;
  tail: ReactNode;
}) {
  const { t } = useTranslation();
  const long = text.length > LONG || text.split("\n").length > 30;
  const [open, setOpen] = useState(false);
  const folded = long && !open;
  if (!text && files) {
    return (
      <>
        {files}
        {tail}
      </>
    );
  }
  const inText = long || files ? undefined : tail;
  const body = doc ? <RichText doc={doc} tail={inText} /> : <PlainText text={text} tail={inText} />;
  if (!long) {
    return files ? (
      <>
        {body}
        {files}
        {tail}
      </>
    ) : (
      body
    );
  }
  return (
    <>
      <div className={folded ? c.folded : undefined}>{body}</div>
      <LinkButton onClick={() => setOpen(!open)} aria-expanded={open}>
        {t(open ? "message.showLess" : "message.showMore")}
      </LinkButton>
      {files}
      {tail}
    </>
  );
}

/** The time, and for one's own messages the state. */
function Sign({ at, state, children }: { at: number; state?: string; children: ReactNode }) {
  return (
    <span className={`${c.sign} num`} data-state={state}>
      <time dateTime={new Date(at).toISOString()} title={exact(at)}>
        {clock(at)}
      </time>
      {children}
    </span>
  );
}
