import { IconUsersGroup } from "@tabler/icons-react";
import type { User } from "../../protocol";
import { Avatar } from "../base/Avatar";
import { PresenceOf } from "../presence/PresenceOf";

/** The sign of a conversation: the person with their presence, or that it is a room. */
export function FaceAvatar({ name, person, size }: { name: string; person?: User; size?: "md" | "xl" }) {
  if (!person) return <Avatar name={name} size={size} icon={IconUsersGroup} />;
  return (
    <Avatar name={name} size={size}>
      <PresenceOf userId={person.id} />
    </Avatar>
  );
}
