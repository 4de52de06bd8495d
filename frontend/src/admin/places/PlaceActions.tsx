import { useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { UserListAnswer } from "../../protocol";
import { Dialog } from "../../ui/base/Dialog";
import { Button } from "../../ui/base/parts";
import { type ConfigureChange, useSaving } from "../parts";
import { PlaceFailure } from "./PlaceFailure";
import { type PlaceEdit, PlaceForm, type PlaceKind } from "./PlaceForm";
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
  // What the form or the question began with; null while neither is open.
  const [editing, setEditing] = useState<PlaceEdit | null>(null);
  const [deleting, setDeleting] = useState<PlaceEdit | null>(null);
  const { busy, failure, save } = useSaving();
  const now = editOf(tab, id, list);
  if (!now) return null;
  const isDefault = list.groups.some((g) => g.id === id && g.default);
  const makeDefault = () =>
    void save({ do: "group.setDefault", args: { groupId: id, revision: now.revision } });
  return (
    <div className={c.actions}>
      <Button size="sm" onClick={() => setEditing(now)}>
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
        <Button size="sm" onClick={() => setDeleting(now)}>
          {t("placeForm.delete")}
        </Button>
      )}
      {!deleting && <PlaceFailure failure={failure} />}
      {editing && <PlaceForm tab={tab} place={editing} list={list} onClose={() => setEditing(null)} />}
      {deleting && (
        <Delete
          tab={tab}
          place={deleting}
          list={list}
          onDeleted={onDeleted}
          onClose={() => setDeleting(null)}
        />
      )}
    </div>
  );
}

/** Asks before something is deleted, and says beforehand who or what is in the way. */
function Delete({
  tab,
  place,
  list,
  onDeleted,
  onClose,
}: {
  tab: PlaceKind;
  place: PlaceEdit;
  list: UserListAnswer;
  onDeleted: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { busy, failure, save } = useSaving();
  const id = place.id ?? "";
  const members = list.users.filter((u) =>
    tab === "teams" ? u.user.teamIds.includes(id) : tab === "groups" && u.group?.id === id,
  );
  const names = members
    .slice(0, 5)
    .map((u) => u.user.displayName)
    .join(", ");
  const remove = async () => {
    if (await save(deletion(tab, id, place.revision))) {
      onClose();
      onDeleted();
    }
  };
  return (
    <Dialog title={t("placeForm.deleteTitle", { name: place.name })} width={420} onClose={onClose}>
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

/** The place as it is now; undefined if it is gone. */
export function editOf(tab: PlaceKind, id: string, list: UserListAnswer): PlaceEdit | undefined {
  const all = tab === "teams" ? list.teams : tab === "groups" ? list.groups : list.queues;
  const found = all.find((p) => p.id === id);
  return found && { kind: "functional", teamIds: [], ...found };
}
