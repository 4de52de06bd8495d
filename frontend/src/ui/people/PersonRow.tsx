import { memo } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { User } from "../../protocol";
import { Avatar } from "../base/Avatar";
import c from "../list/list.module.css";
import { PresenceOf } from "../presence/PresenceOf";

/** One person of a list: name, and what they do. */
export const PersonRow = memo(function PersonRow({
  user,
  selected,
  onClick,
}: {
  user: User;
  selected: boolean;
  onClick: () => void;
}) {
  const { t } = useTranslation();
  return (
    <button type="button" className={c.row} aria-current={selected || undefined} onClick={onClick}>
      <Avatar name={user.displayName}>
        <PresenceOf userId={user.id} />
      </Avatar>
      <span>
        <span className={c.line}>
          <span className={`${c.name} cut`}>{user.displayName}</span>
        </span>
        <span className={c.line}>
          <span className={`${c.preview} cut`}>{user.title || t(`role.${user.role}`)}</span>
        </span>
      </span>
    </button>
  );
});
