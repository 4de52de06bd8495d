import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Conversation, Failure, User, UserID } from "../../protocol";
import { conversationOf } from "../../state/navigation";
import { faceOf, membersOf, owns } from "../../state/rooms";
import { matches } from "../../state/select";
import { Avatar } from "../base/Avatar";
import { Dialog } from "../base/Dialog";
import { Button } from "../base/parts";
import { VirtualList } from "../base/VirtualList";
import { useApp, useParley } from "../context";
import { RoomFailure } from "./RoomFailure";
import c from "./rooms.module.css";

const ROW_PX = 56;
/** So many are in sight without scrolling. */
const IN_SIGHT = 6;

/** The members of the room that is shown, for its owners: who owns it, and who is to go. */
export default function RoomMembers({ onClose }: { onClose: () => void }) {
  const room = useParley((s) => faceOf(s.world, conversationOf(s.places.view) ?? "")?.room);
  const owner = useParley((s) => room !== undefined && owns(room, s.world.me?.user.id));
  return room && owner ? <Members room={room} onClose={onClose} /> : null;
}

function Members({ room, onClose }: { room: Conversation; onClose: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const known = useParley((s) => ({ me: s.world.me, people: s.world.people }));
  const [text, setText] = useState("");
  const [asked, setAsked] = useState<UserID | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const me = known.me?.user.id;
  const members = membersOf(known, room).filter((u) => matches(text, u.displayName));
  const last = room.room?.ownerIds?.length === 1;

  const remove = async (user: User) => {
    setFailure(await app.rooms.remove(room.id, user.id));
    setAsked(null);
  };
  return (
    <Dialog title={t("rooms.membersOf", { name: room.name })} width={560} onClose={onClose}>
      <div className={c.form}>
        <div className={c.lookFor}>
          <IconSearch size={16} stroke={1.7} aria-hidden />
          <input
            type="search"
            data-autofocus
            aria-label={t("rooms.searchMembers")}
            placeholder={t("rooms.searchMembers")}
            value={text}
            spellCheck={false}
            autoComplete="off"
            onChange={(e) => setText(e.currentTarget.value)}
          />
        </div>
        <div
          className={c.members}
          style={{ height: Math.min(Math.max(members.length, 1), IN_SIGHT) * ROW_PX }}
        >
          <VirtualList
            items={members}
            rowHeight={ROW_PX}
            keyOf={(u) => u.id}
            label={t("rooms.membersOf", { name: room.name })}
          >
            {(user) => (
              <MemberRow
                user={user}
                owner={owns(room, user.id)}
                fixed={last && owns(room, user.id)}
                mine={user.id === me}
                asked={asked === user.id}
                onOwner={async (owner) => setFailure(await app.rooms.setOwner(room.id, user.id, owner))}
                onAsk={(yes) => setAsked(yes ? user.id : null)}
                onRemove={() => void remove(user)}
              />
            )}
          </VirtualList>
        </div>
        <p className={c.hint}>{t("rooms.ownersHint")}</p>
        <RoomFailure failure={failure} />
      </div>
    </Dialog>
  );
}

/** A member with what an owner may do: one who is to go is asked about once more. */
function MemberRow({
  user,
  owner,
  fixed,
  mine,
  asked,
  onOwner,
  onAsk,
  onRemove,
}: {
  user: User;
  owner: boolean;
  /** The last owner stays one. */
  fixed: boolean;
  mine: boolean;
  asked: boolean;
  onOwner: (owner: boolean) => void;
  onAsk: (yes: boolean) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation();
  const name = user.displayName;
  if (asked) {
    return (
      <div className={c.managed}>
        <span className={c.managedName}>{t("rooms.removeAsk", { name })}</span>
        <Button size="sm" data-autofocus onClick={() => onAsk(false)}>
          {t("rooms.keep")}
        </Button>
        <Button size="sm" kind="primary" onClick={onRemove}>
          {t("rooms.removeNow")}
        </Button>
      </div>
    );
  }
  return (
    <div className={c.managed}>
      <Avatar name={name} size="md" />
      <span className={c.managedName}>
        <span className="cut">{name}</span>
        <small className="cut">
          {owner ? t("rooms.owner") : mine ? t("rooms.you") : user.title || t(`role.${user.role}`)}
        </small>
      </span>
      <Button
        size="sm"
        aria-label={t(owner ? "rooms.ownerNoMoreName" : "rooms.makeOwnerName", { name })}
        aria-disabled={fixed}
        title={fixed ? t("rooms.lastOwner") : undefined}
        onClick={() => !fixed && onOwner(!owner)}
      >
        {t(owner ? "rooms.ownerNoMore" : "rooms.makeOwner")}
      </Button>
      {!mine && (
        <Button
          size="sm"
          kind="ghost"
          aria-label={t("rooms.removeName", { name })}
          onClick={() => onAsk(true)}
        >
          {t("rooms.removeOne")}
        </Button>
      )}
    </div>
  );
}
