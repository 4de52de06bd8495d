import { Popover } from "@mantine/core";
import { IconDoorExit, IconSettings, IconUserPlus, IconUsers } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Conversation } from "../../protocol";
import { mayInviteTo, maySetTopic, membersOf, owns } from "../../state/rooms";
import { Avatar } from "../base/Avatar";
import { Button } from "../base/parts";
import { VirtualList } from "../base/VirtualList";
import { useApp, useParley } from "../context";
import { PresenceOf } from "../presence/PresenceOf";
import c from "./rooms.module.css";

const ROW_PX = 44;
/** So many are in sight without scrolling. */
const IN_SIGHT = 7;

/** "5 members" as a button that shows who they are. */
export function MembersButton({ room }: { room: Conversation }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className={c.count}
          aria-haspopup="dialog"
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          {t("rooms.members", { count: room.participants.length })}
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t("rooms.membersOf", { name: room.name })}>
        <div className={c.popover}>
          <MemberList room={room} onChoose={() => setOpened(false)} />
          <RoomActions room={room} onChoose={() => setOpened(false)} />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Who is in a room; a click leads to the person. */
export function MemberList({ room, onChoose }: { room: Conversation; onChoose?: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const known = useParley((s) => ({ me: s.world.me, people: s.world.people }));
  const members = useMemo(() => membersOf(known, room), [known, room]);
  const me = known.me?.user.id;
  return (
    <div className={c.members} data-members style={{ height: Math.min(members.length, IN_SIGHT) * ROW_PX }}>
      <VirtualList
        items={members}
        rowHeight={ROW_PX}
        keyOf={(u) => u.id}
        label={t("rooms.membersOf", { name: room.name })}
      >
        {(user) => (
          <button
            type="button"
            className={c.member}
            aria-disabled={user.id === me}
            onClick={() => {
              if (user.id === me) return;
              onChoose?.();
              app.open({ page: "people", userId: user.id });
            }}
          >
            <Avatar name={user.displayName} size="md">
              {user.id !== me && <PresenceOf userId={user.id} />}
            </Avatar>
            <span className="cut">{user.displayName}</span>
            <small className="cut">
              {user.id === me
                ? t(owns(room, me) ? "rooms.youOwner" : "rooms.you")
                : owns(room, user.id)
                  ? t("rooms.owner")
                  : user.active
                    ? user.title || t(`role.${user.role}`)
                    : t("rooms.inactive")}
            </small>
          </button>
        )}
      </VirtualList>
    </div>
  );
}

/** What a member may do with the room that is shown. */
export function RoomActions({ room, onChoose }: { room: Conversation; onChoose?: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const me = useParley((s) => s.world.me?.user.id);
  const show = (dialog: "invite" | "roomSettings" | "roomMembers" | "leaveRoom") => {
    onChoose?.();
    app.show(dialog);
  };
  const owner = owns(room, me);
  return (
    <div className={c.actions}>
      {mayInviteTo(room, me) && (
        <Button size="sm" onClick={() => show("invite")}>
          <IconUserPlus size={16} stroke={1.7} aria-hidden />
          {t("rooms.invite")}
        </Button>
      )}
      {owner && (
        <Button size="sm" onClick={() => show("roomMembers")}>
          <IconUsers size={16} stroke={1.7} aria-hidden />
          {t("rooms.manage")}
        </Button>
      )}
      {maySetTopic(room, me) && (
        <Button size="sm" onClick={() => show("roomSettings")}>
          <IconSettings size={16} stroke={1.7} aria-hidden />
          {t(owner ? "rooms.settings" : "rooms.setTopic")}
        </Button>
      )}
      <Button size="sm" kind="ghost" onClick={() => show("leaveRoom")}>
        <IconDoorExit size={16} stroke={1.7} aria-hidden className="mirror" />
        {t("rooms.leave")}
      </Button>
    </div>
  );
}
