import { useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { UserListAnswer } from "../../protocol";
import { Dialog } from "../../ui/base/Dialog";
import { Button } from "../../ui/base/parts";
import { type ConfigureChange, useSaving } from "../parts";
import { PlaceFailure } from "./PlaceFailure";
import { PlaceForm, type PlaceKind, placeIn } from "./PlaceForm";
import c from "./places.module.css";

function deletion(tab: PlaceKind, id: string, revision: number): ConfigureChange {
  switch (tab) {
    case "teams":
      return { do: "team.delete", args: { teamId: id, revision } };
    case "groups":
      return { do: "group.delete", args: { groupId: id, revision } };
    case "queues":
      return { do: "queue.delete", args: { queueId: id, revision } };
  }
}

/** What is done with a team, group or queue as a whole: another name, the default for new agents, away with it. */
export function PlaceActions({
  tab,
  id,
  list,
  onDeleted,
}: {
  tab: PlaceKind;
  id: string;
  list: UserListAnswer;
  onDeleted: () => void;
}) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const { busy, failure, save } = useSaving();
  const now = placeIn(list, tab, id);
  if (!now) return null;
  const standard = list.groups.find((g) => g.default)?.id;
  const isDefault = tab === "groups" && id === standard;
  const makeDefault = () => {
    const args = { groupId: id, revision: now.revision, ...(standard && { insteadOfId: standard }) };
    void save({ do: "group.setDefault", args });
  };
  return (
    <div className={c.actions}>
      <Button size="sm" onClick={() => setEditing(true)}>
        {t(tab === "teams" ? "placeForm.rename" : "placeForm.change")}
      </Button>
      {tab === "groups" && !isDefault && (
        <Button size="sm" aria-disabled={busy} onClick={makeDefault}>
          {t("placeForm.makeDefault")}
        </Button>
      )}
      {isDefault ? (
        <p>{t("placeForm.isDefault")}</p>
      ) : (
        <Button size="sm" onClick={() => setDeleting(true)}>
          {t("placeForm.delete")}
        </Button>
      )}
      {!deleting && <PlaceFailure failure={failure} />}
      {editing && <PlaceForm tab={tab} id={id} list={list} onClose={() => setEditing(false)} />}
      {deleting && (
        <Delete tab={tab} id={id} list={list} onDeleted={onDeleted} onClose={() => setDeleting(false)} />
      )}
    </div>
  );
}

/** Asks before something is deleted, and says beforehand who or what is in the way. */
function Delete({
  tab,
  id,
  list,
  onDeleted,
  onClose,
}: {
  tab: PlaceKind;
  id: string;
  list: UserListAnswer;
  onDeleted: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { busy, failure, save } = useSaving();
  // The question follows what it is about, so nobody deletes under an old name.
  const place = placeIn(list, tab, id);
  const members = list.users.filter((u) =>
    tab === "teams" ? u.user.teamIds.includes(id) : tab === "groups" && u.group?.id === id,
  );
  const names = members
    .slice(0, 5)
    .map((u) => u.user.displayName)
    .join(", ");
  const remove = async () => {
    if (place && (await save(deletion(tab, id, place.revision)))) {
      onClose();
      onDeleted();
    }
  };
  return (
    <Dialog title={t("placeForm.deleteTitle", { name: place?.name })} width={420} onClose={onClose}>
      <div className={c.form}>
        <p>
          {members.length > 0
            ? t("placeForm.inUse", { count: members.length, names, more: members.length > 5 ? ", …" : "" })
            : t(`placeForm.deleteText.${tab}`)}
        </p>
        <PlaceFailure failure={failure} />
        <div className={c.foot}>
          <Button data-autofocus onClick={onClose}>
            {t(members.length > 0 ? "admin.close" : "placeForm.keep")}
          </Button>
          {members.length === 0 && (
            <Button kind="primary" aria-disabled={busy} onClick={() => void remove()}>
              {t("placeForm.deleteNow")}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
