import { IconChevronLeft, IconMessagePlus, IconUsers } from "@tabler/icons-react";
import { day } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import type { UserID } from "../../protocol";
import { mayWriteTo } from "../../state/select";
import { directId, hasBegun } from "../../state/world";
import { Avatar } from "../base/Avatar";
import { Button, Chip, Empty, IconButton } from "../base/parts";
import { useApp, useNow, useParley, usePhone } from "../context";
import { Bubble } from "../conversation/Bubble";
import { Divider } from "../conversation/Divider";
import { PresenceLine, PresenceOf } from "../presence/PresenceOf";
import { GreyedNewMessage } from "../why/Why";
import c from "./person.module.css";

const LAST_MESSAGES = 4;

/** A person: who they are, how present, whether one may write to them and if not why, and what was said last. */
export function PersonPage({ userId }: { userId: UserID | undefined }) {
  const { t } = useTranslation();
  const app = useApp();
  const phone = usePhone();
  const now = useNow(30_000);
  const world = useParley((s) => s.world);
  const user = userId ? world.people[userId] : undefined;
  if (!user || !world.me) {
    return (
      <div className={c.empty}>
        <Empty page icon={IconUsers} title={t("people.choose")} text={t("people.chooseText")} />
      </div>
    );
  }
  const id = directId(world.me.user.id, user.id);
  const talk = world.talks[id];
  const can = mayWriteTo(world, user.id, id, now);
  const teams = user.teamIds.flatMap((team) => world.teams[team] ?? []);
  const last = talk?.messages.slice(-LAST_MESSAGES) ?? [];
  const newest = last.at(-1);
  return (
    <article className={c.page} aria-label={user.displayName}>
      {phone && (
        <div className={c.back}>
          <IconButton
            icon={IconChevronLeft}
            iconSize={22}
            mirror
            label={t("nav.back")}
            onClick={() => app.open({ page: "people" })}
          />
        </div>
      )}
      <header className={c.head}>
        <Avatar name={user.displayName} size="xl">
          <PresenceOf userId={user.id} />
        </Avatar>
        <div className={c.who}>
          <h1 className="cut">{user.displayName}</h1>
          <p className="cut">{[t(`role.${user.role}`), user.title].filter(Boolean).join(" · ")}</p>
        </div>
        {can.allowed ? (
          <Button kind="primary" onClick={() => app.openConversation(id)}>
            <IconMessagePlus size={16} stroke={1.7} aria-hidden />
            {t(talk && hasBegun(talk) ? "people.continue" : "nav.newMessage")}
          </Button>
        ) : (
          <>
            {talk && <Button onClick={() => app.openConversation(id)}>{t("people.continue")}</Button>}
            <GreyedNewMessage can={can} name={user.displayName} about={{ act: "post", conversationId: id }} />
          </>
        )}
      </header>
      <div className={c.body}>
        <dl className={c.facts}>
          <dt>{t("presence.label")}</dt>
          <dd>
            <PresenceLine userId={user.id} />
          </dd>
          <dt>{t("people.role")}</dt>
          <dd>{t(`role.${user.role}`)}</dd>
          <dt>{t("people.team", { count: Math.max(teams.length, 1) })}</dt>
          <dd>
            {teams.length ? teams.map((team) => <Chip key={team.id}>{team.name}</Chip>) : t("people.noTeam")}
          </dd>
        </dl>
        {newest ? (
          <section className={c.last}>
            <Divider text={t("people.last", { date: day(newest.at, now) })} />
            {last.map((m, i) => (
              <Bubble
                key={m.id}
                message={m}
                mine={m.authorId === world.me?.user.id}
                name={user.displayName}
                first={i === 0 || last[i - 1]?.authorId !== m.authorId}
              />
            ))}
          </section>
        ) : (
          <p className={c.quiet}>{t("people.noLast")}</p>
        )}
      </div>
    </article>
  );
}
