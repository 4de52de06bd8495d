import { Menu } from "@mantine/core";
import {
  IconBell,
  IconBellOff,
  IconCalendarSearch,
  IconDotsVertical,
  IconInfoCircle,
} from "@tabler/icons-react";
import { useTranslation } from "../../i18n/useTranslation";
import type { ConversationID } from "../../protocol";
import { IconButton } from "../base/parts";
import { useApp, useNet } from "../context";

/** What the head of a conversation has no room for on a phone: its date, being disturbed by it, and the card. */
export function PhoneMore({
  id,
  name,
  muted,
  onCard,
}: {
  id: ConversationID;
  name: string;
  /** Absent before the first message. */
  muted: boolean | undefined;
  onCard: () => void;
}) {
  const { t } = useTranslation();
  const app = useApp();
  const online = useNet().kind === "online";
  const Bell = muted ? IconBell : IconBellOff;
  return (
    <Menu position="bottom-end" trapFocus>
      <Menu.Target>
        <IconButton icon={IconDotsVertical} iconSize={22} label={t("conversation.more", { name })} />
      </Menu.Target>
      <Menu.Dropdown aria-label={t("conversation.more", { name })}>
        <Menu.Item
          leftSection={<IconCalendarSearch size={18} stroke={1.7} aria-hidden />}
          onClick={() => app.show("goToDate")}
        >
          {t("date.title")}
        </Menu.Item>
        {muted !== undefined && (
          <Menu.Item
            disabled={!online}
            leftSection={<Bell size={18} stroke={1.7} aria-hidden />}
            onClick={() => app.oneself.mute(id, !muted)}
          >
            {t(muted ? "attention.unmute" : "attention.mute", { name })}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconInfoCircle size={18} stroke={1.7} aria-hidden />} onClick={onCard}>
          {t("conversation.showCard", { name })}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
