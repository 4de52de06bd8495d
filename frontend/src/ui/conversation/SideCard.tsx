import { IconExternalLink, IconLink } from "@tabler/icons-react";
import { useMemo } from "react";
import { day, exact, since } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import type { Can, ConversationID, User } from "../../protocol";
import type { Face } from "../../state/rooms";
import { hasBegun } from "../../state/world";
import { Avatar } from "../base/Avatar";
import { Chip, IconButton, LinkButton } from "../base/parts";
import { useApp, useNow, useParley } from "../context";
import { PresenceLine } from "../presence/PresenceOf";
import { MemberList, RoomActions } from "../rooms/Members";
import { factsOf, reasonOf } from "../why/reason";
import { WhyLink } from "../why/Why";
import c from "./conversation.module.css";
import { linksIn } from "./RichText";

const LINKS = 6;

/** Beside the conversation: who it is with, whether one may write and until when, what was shared. */
export function SideCard({
  id,
  face,
  can,
  onClose,
}: {
  id: ConversationID;
  face: Face;
  can: Can;
  /** Given where the card lies over the conversation: Escape puts it away. */
  onClose?: () => void;
}) {
  const { t } = useTranslation();
  const app = useApp();
  const now = useNow(60_000);
  const talk = useParley((s) => s.world.talks[id]);
  const messages = talk?.messages;
  const links = useMemo(() => {
    const found = (messages ?? []).flatMap((m) => linksIn(m.text, m.document));
    return [...new Set(found.reverse())].slice(0, LINKS);
  }, [messages]);
  const name = face.name;

  return (
    <aside
      className={c.side}
      aria-label={t("side.label", { name })}
      data-floating={onClose ? true : undefined}
      onKeyDown={(e) => e.key === "Escape" && onClose?.()}
    >
      {face.person && <Person person={face.person} />}
      {face.room && (
        <section className={c.card}>
          <h2>{t("rooms.topic")}</h2>
          <p>{face.room.room?.topic ?? <span className={c.sub}>{t("rooms.noTopic")}</span>}</p>
          <p className={c.sub}>{t(face.room.room?.public ? "rooms.publicHint" : "rooms.privateHint")}</p>
        </section>
      )}
      {face.room && (
        <section className={c.card}>
          <h2>{t("rooms.members", { count: face.room.participants.length })}</h2>
          <MemberList room={face.room} />
          <RoomActions room={face.room} />
        </section>
      )}
      <section className={c.card}>
        <h2>{t("side.writing")}</h2>
        <Writing id={id} can={can} name={name} now={now} />
      </section>
      {talk && hasBegun(talk) && (
        <section className={c.card}>
          <h2>{t("side.about")}</h2>
          <dl className={c.kv}>
            <dt>{t("side.since")}</dt>
            <dd title={exact(talk.conversation.createdAt)}>{day(talk.conversation.createdAt, now)}</dd>
            <dt>{t("side.messages")}</dt>
            <dd className="num">{talk.lastN}</dd>
          </dl>
        </section>
      )}
      {links.length > 0 && (
        <section className={c.card}>
          <h2>{t("side.links")}</h2>
          <ul className={c.links}>
            {links.map((href) => (
              <li key={href}>
                <LinkButton onClick={() => app.shell.openLink(href)} title={href}>
                  <IconLink size={15} stroke={1.7} aria-hidden style={{ flex: "none" }} />
                  <span className="cut">
                    {href.replace(/^https?:\/\/|^mailto:|^tel:/, "").replace(/\/$/, "")}
                  </span>
                </LinkButton>
              </li>
            ))}
          </ul>
        </section>
      )}
    </aside>
  );
}

/** Who the other person is, and how present. */
function Person({ person }: { person: User }) {
  const { t } = useTranslation();
  const app = useApp();
  const teams = useParley((s) => person.teamIds.flatMap((team) => s.world.teams[team] ?? []));
  const name = person.displayName;
  return (
    <section className={c.card}>
      <div className={c.person}>
        <Avatar name={name} />
        <div style={{ flex: 1, minWidth: 0 }}>
          <strong className="cut">{name}</strong>
          <span className="cut">{person.title || t(`role.${person.role}`)}</span>
        </div>
        <IconButton
          icon={IconExternalLink}
          iconSize={16}
          mirror
          label={t("side.openProfile")}
          onClick={() => app.open({ page: "people", userId: person.id })}
        />
      </div>
      <dl className={c.kv}>
        <dt>{t("presence.label")}</dt>
        <dd>
          <PresenceLine userId={person.id} />
        </dd>
        <dt>{t("people.role")}</dt>
        <dd>{t(`role.${person.role}`)}</dd>
        <dt>{t("people.team", { count: Math.max(teams.length, 1) })}</dt>
        <dd>
          {teams.length ? teams.map((team) => <Chip key={team.id}>{team.name}</Chip>) : t("people.noTeam")}
        </dd>
      </dl>
    </section>
  );
}

function Writing({ id, can, name, now }: { id: ConversationID; can: Can; name: string; now: number }) {
  const { t } = useTranslation();
  const world = useParley((s) => s.world);
  if (!can.allowed) {
    return (
      <p>
        {reasonOf(t, can.rule, factsOf(t, world, name, can.rule)).verdict}{" "}
        <WhyLink source={can} name={name} about={{ act: "post", conversationId: id }} />
      </p>
    );
  }
  if (!can.untilAt) return <p>{t("side.canWrite")}</p>;
  const time = since(can.untilAt, now);
  if (!can.thenRule) return <p>{t("side.canUntilPlain", { time })}</p>;
  const reason = reasonOf(t, can.thenRule, factsOf(t, world, name, can.thenRule)).short;
  return (
    <p>
      {t("side.canUntilPlain", { time })} <span className={c.sub}>{t("side.then", { reason })}</span>
    </p>
  );
}
