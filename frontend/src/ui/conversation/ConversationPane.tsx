import {
  IconBell,
  IconBellOff,
  IconCalendarSearch,
  IconChevronLeft,
  IconEye,
  IconLayoutSidebarRight,
  IconMessageCircleQuestion,
  IconMessages,
  IconSearch,
} from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { ConversationID } from "../../protocol";
import { type Face, faceOf } from "../../state/rooms";
import { mayPost } from "../../state/select";
import { hasBegun } from "../../state/world";
import { Empty, IconButton } from "../base/parts";
import { Composer } from "../composer/Composer";
import { useApp, useNarrow, useNet, useNow, useParley, usePhone } from "../context";
import { DropFiles } from "../files/DropFiles";
import { modKey } from "../keys";
import m from "../monitoring/monitoring.module.css";
import { PresenceLine } from "../presence/PresenceOf";
import { FaceAvatar } from "../rooms/FaceAvatar";
import { MembersButton } from "../rooms/Members";
import c from "./conversation.module.css";
import { PhoneMore } from "./PhoneMore";
import { SideCard } from "./SideCard";
import { Timeline } from "./Timeline";
import { TypingLine } from "./TypingLine";

/** What fills the place beside the list: a conversation with the card of the person or room, or what to do next. */
export function ConversationPane({ id }: { id: ConversationID | undefined }) {
  const { t } = useTranslation();
  const face = useParley((s) => (id ? faceOf(s.world, id) : undefined));
  if (!id) {
    return (
      <div className={c.nothing} id="conversation" tabIndex={-1}>
        <Empty
          page
          icon={IconMessages}
          title={t("conversation.choose")}
          text={t("conversation.chooseText", { keys: `${modKey}+K` })}
        />
      </div>
    );
  }
  if (!face) {
    return (
      <div className={c.nothing} id="conversation" tabIndex={-1}>
        <Empty
          page
          icon={IconMessageCircleQuestion}
          title={t("conversation.gone")}
          text={t("conversation.goneText")}
        />
      </div>
    );
  }
  return <Conversation key={id} id={id} face={face} />;
}

function Conversation({ id, face }: { id: ConversationID; face: Face }) {
  const narrow = useNarrow();
  const side = useParley((s) => s.preferences.side);
  const [floating, setFloating] = useState(false);
  const now = useNow(20_000);
  const can = useParley((s) => mayPost(s.world, id, now));
  const round = useParley((s) => s.composerRound);
  const shown = narrow ? floating : side;
  return (
    <div className={c.pane}>
      <section className={c.talk} id="conversation" aria-label={face.name} tabIndex={-1}>
        <Head
          id={id}
          face={face}
          shown={shown}
          onToggle={narrow ? () => setFloating(!floating) : undefined}
        />
        <Watched id={id} />
        <Timeline id={id} face={face} can={can} />
        <TypingLine id={id} />
        <DropFiles id={id} name={face.short} allowed={can.allowed} />
        <Composer key={`${id}:${round}`} id={id} face={face} can={can} />
        {narrow && shown && <SideCard id={id} face={face} can={can} onClose={() => setFloating(false)} />}
      </section>
      {!narrow && shown && <SideCard id={id} face={face} can={can} />}
    </div>
  );
}

/** Who follows this conversation now; shown only where the organisation wants it. */
function Watched({ id }: { id: ConversationID }) {
  const { t } = useTranslation();
  const names = useParley((s) => (s.watched[id] ?? []).map((who) => s.world.people[who]?.displayName ?? "…"));
  return (
    <div role="status">
      {names.length > 0 && (
        <p className={m.watched}>
          <IconEye size={16} stroke={1.7} aria-hidden />
          {t("monitoring.watched", { names: names.join(", "), count: names.length })}
        </p>
      )}
    </div>
  );
}

function Head({
  id,
  face,
  shown,
  onToggle,
}: {
  id: ConversationID;
  face: Face;
  shown: boolean;
  onToggle?: () => void;
}) {
  const { t } = useTranslation();
  const app = useApp();
  const phone = usePhone();
  useNow(60_000);
  const online = useNet().kind === "online";
  const { begun, muted } = useParley((s) => {
    const talk = s.world.talks[id];
    return { begun: talk !== undefined && hasBegun(talk), muted: talk?.muted ?? false };
  });
  const { name, person, room } = face;
  const toggle = onToggle ?? (() => app.setPreferences({ side: !shown }));
  return (
    <header className={c.head}>
      {phone && (
        <IconButton
          icon={IconChevronLeft}
          iconSize={22}
          mirror
          label={t("nav.back")}
          onClick={() => app.open({ page: "conversations" })}
        />
      )}
      <FaceAvatar name={name} person={person} size="md" />
      <div className={c.headText}>
        <h1 className="cut">{name}</h1>
        {room && (
          <span className={c.roomLine}>
            <MembersButton room={room} />
            {room.room?.topic && (
              <span className={`${c.headLine} cut`} title={room.room.topic}>
                {room.room.topic}
              </span>
            )}
          </span>
        )}
        {person && (
          <span className={`${c.headLine} cut`}>
            <PresenceLine userId={person.id} sign={false} />
          </span>
        )}
      </div>
      {begun && !phone && (
        <IconButton
          icon={muted ? IconBellOff : IconBell}
          label={t(muted ? "attention.unmute" : "attention.mute", { name })}
          aria-pressed={muted}
          aria-disabled={!online}
          hint={online ? undefined : t("attention.offline")}
          onClick={() => online && app.oneself.mute(id, !muted)}
        />
      )}
      <IconButton
        icon={IconSearch}
        label={t("find.here", { name })}
        onClick={() => {
          app.finding.clear();
          app.finding.narrow({ conversationId: id });
          if (phone) app.open({ page: "conversations" });
          requestAnimationFrame(() => document.querySelector<HTMLElement>("[data-list-search]")?.focus());
        }}
      />
      {!phone && (
        <IconButton icon={IconCalendarSearch} label={t("date.title")} onClick={() => app.show("goToDate")} />
      )}
      {phone && !shown ? (
        <PhoneMore id={id} name={name} muted={begun ? muted : undefined} onCard={toggle} />
      ) : (
        <IconButton
          icon={IconLayoutSidebarRight}
          mirror
          label={t(shown ? "conversation.hideCard" : "conversation.showCard", { name })}
          aria-pressed={shown}
          onClick={toggle}
        />
      )}
    </header>
  );
}
