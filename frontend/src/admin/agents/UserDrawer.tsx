import { useTranslation } from "../../i18n/useTranslation";
import type { UserListAnswer, UserRecord } from "../../protocol";
import { Avatar } from "../../ui/base/Avatar";
import { PresenceOf } from "../../ui/presence/PresenceOf";
import { Drawer, DrawerTabs } from "../Drawer";
import { Rights } from "../sets/Rights";
import { useEdit } from "../useEdit";
import { Account } from "./Account";
import { accountOf } from "./account";
import { Messaging, messagingNow } from "./Messaging";
import { type UserPanel, userPanels } from "./place";

/** What unsaved changes of a user's drawer are kept under; the table marks those who have some. */
export const messagingKey = (id: string) => `user.messaging.${id}`;
export const accountKey = (id: string) => `user.account.${id}`;

/** A user, opened by the gear: messaging, account, and license with permission sets. */
export function UserDrawer({
  record,
  list,
  panel,
  onPanel,
  onClose,
}: {
  record: UserRecord;
  list: UserListAnswer;
  panel: UserPanel;
  onPanel: (panel: UserPanel) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { user, group } = record;
  const messaging = useEdit(messagingKey(user.id), messagingNow(record));
  const account = useEdit(accountKey(user.id), accountOf(list, record));
  const teams = list.teams.filter((team) => user.teamIds.includes(team.id)).map((team) => team.name);
  const where = [t(`role.${user.role}`), ...teams, group && t("account.inGroup", { name: group.name })];
  const close = () => {
    messaging.end();
    account.end();
    onClose();
  };
  return (
    <Drawer
      title={user.displayName}
      detail={where.filter(Boolean).join(" · ")}
      sign={
        <Avatar name={user.displayName}>
          <PresenceOf userId={user.id} />
        </Avatar>
      }
      unsaved={messaging.changed.length + account.changed.length > 0}
      onClose={close}
    >
      <DrawerTabs
        label={user.displayName}
        value={panel}
        tabs={userPanels.map((id) => ({ id, text: t(`account.panels.${id}`) }))}
        onChange={onPanel}
      />
      {panel === "messaging" ? (
        <Messaging record={record} list={list} edit={messaging} />
      ) : panel === "account" ? (
        <Account record={record} list={list} edit={account} />
      ) : (
        <Rights users={[record]} list={list} />
      )}
    </Drawer>
  );
}
