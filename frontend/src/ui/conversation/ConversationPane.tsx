import {
  IconChevronLeft,
  IconLayoutSidebarRight,
  IconMessageCircleQuestion,
  IconMessages,
} from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { ConversationID, User } from "../../protocol";
import { mayPost, personOf } from "../../state/select";
import { Avatar } from "../base/Avatar";
import { Empty, IconButton } from "../base/parts";
import { Composer } from "../composer/Composer";
import { useApp, useNarrow, useNow, useParley, usePhone } from "../context";
import { modKey } from "../keys";
import { PresenceLine, PresenceOf } from "../presence/PresenceOf";
import c from "./conversation.module.css";
import { PersonCard } from "./PersonCard";
import { Timeline } from "./Timeline";
import { TypingLine } from "./TypingLine";

/** What fills the place beside the list: a conversation with the other person's card, or what to do next. */
export function ConversationPane({ id }: { id: ConversationID | undefined }) {
  const { t } = useTranslation();
  const person = useParley((s) => (id ? personOf(s.world, id) : undefined));
  if (!id) {
    return (
      <div className={c.nothing} id="conversation" tabIndex={-1}>
        <Empty
          icon={IconMessages}
          title={t("conversation.choose")}
          text={t("conversation.chooseText", { keys: `${modKey}+K` })}
        />
      </div>
    );
  }
  if (!person) {
    return (
      <div className={c.nothing} id="conversation" tabIndex={-1}>
        <Empty
          icon={IconMessageCircleQuestion}
          title={t("conversation.gone")}
          text={t("conversation.goneText")}
        />
      </div>
    );
  }
  return <Conversation key={id} id={id} person={person} />;
}

function Conversation({ id, person }: { id: ConversationID; person: User }) {
  const narrow = useNarrow();
  const side = useParley((s) => s.preferences.side);
  const [floating, setFloating] = useState(false);
  const now = useNow(20_000);
  const can = useParley((s) => mayPost(s.world, id, now));
  const round = useParley((s) => s.composerRound);
  const shown = narrow ? floating : side;
  return (
    <div className={c.pane}>
      <section className={c.talk} id="conversation" aria-label={person.displayName} tabIndex={-1}>
        <Head person={person} shown={shown} onToggle={narrow ? () => setFloating(!floating) : undefined} />
        <Timeline id={id} person={person} can={can} />
        <TypingLine id={id} />
        <Composer key={`${id}:${round}`} id={id} person={person} can={can} />
        {narrow && shown && (
          <PersonCard id={id} person={person} can={can} onClose={() => setFloating(false)} />
        )}
      </section>
      {!narrow && shown && <PersonCard id={id} person={person} can={can} />}
    </div>
  );
}

function Head({ person, shown, onToggle }: { person: User; shown: boolean; onToggle?: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const phone = usePhone();
  useNow(60_000);
  const name = person.displayName;
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
      <Avatar name={name} size="md">
        <PresenceOf userId={person.id} />
      </Avatar>
      <div className={c.headText}>
        <h1 className="cut">{name}</h1>
        <span className={`${c.headLine} cut`}>
          <PresenceLine userId={person.id} sign={false} />
        </span>
      </div>
      <IconButton
        icon={IconLayoutSidebarRight}
        mirror
        label={t(shown ? "conversation.hideCard" : "conversation.showCard", { name })}
        aria-pressed={shown}
        onClick={onToggle ?? (() => app.setPreferences({ side: !shown }))}
      />
    </header>
  );
}
