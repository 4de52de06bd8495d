import { type FormEvent, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { type GroupKind, MAX_NAME_LENGTH, type UserListAnswer } from "../../protocol";
import { Dialog } from "../../ui/base/Dialog";
import { Field } from "../../ui/base/Field";
import { Button } from "../../ui/base/parts";
import { type ConfigureChange, Meanwhile, useSaving } from "../parts";
import { useLastTold } from "../useAdministration";
import { useEdit } from "../useEdit";
import { PlaceFailure } from "./PlaceFailure";
import c from "./places.module.css";

/** A kind of place as it is listed. */
export type PlaceKind = "teams" | "groups" | "queues";

/** What is edited of a team, a group or a queue; each kind uses some of it. */
export interface PlaceEdit {
  name: string;
  kind: GroupKind;
  teamIds: string[];
}

const newPlace: PlaceEdit = { name: "", kind: "functional", teamIds: [] };

/** A place as it is now; undefined if it is gone. */
export function placeIn(
  list: UserListAnswer,
  tab: PlaceKind,
  id: string,
): (PlaceEdit & { revision: number }) | undefined {
  const all = tab === "teams" ? list.teams : tab === "groups" ? list.groups : list.queues;
  const found = all.find((p) => p.id === id);
  return found && { ...newPlace, ...found };
}

function changeOf(
  tab: PlaceKind,
  id: string | undefined,
  revision: number,
  { name, kind, teamIds }: PlaceEdit,
): ConfigureChange {
  switch (tab) {
    case "teams":
      return id
        ? { do: "team.rename", args: { teamId: id, revision, name } }
        : { do: "team.create", args: { name } };
    case "groups":
      return id
        ? { do: "group.update", args: { groupId: id, revision, name, kind } }
        : { do: "group.create", args: { name, kind } };
    case "queues":
      return id
        ? { do: "queue.update", args: { queueId: id, revision, name, teamIds } }
        : { do: "queue.create", args: { name, teamIds } };
  }
}

const kinds: GroupKind[] = ["functional", "organisational"];

const subjects = { teams: "team", groups: "group", queues: "queue" } as const;

/** Makes a team, group or queue, or changes its name and what else it has. */
export function PlaceForm({
  tab,
  id,
  list,
  onClose,
}: {
  tab: PlaceKind;
  /** Absent for a new one. */
  id?: string;
  list: UserListAnswer;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const {
    revision,
    name: nameNow,
    kind,
    teamIds,
  } = (id && placeIn(list, tab, id)) || { ...newPlace, revision: 0 };
  const now: PlaceEdit = { name: nameNow, kind, teamIds };
  const edit = useEdit<PlaceEdit>(`place.${tab}.${id ?? "new"}`, now);
  const told = useLastTold(subjects[tab], id);
  const [missing, setMissing] = useState(false);
  const { busy, failure, save } = useSaving();
  const { value, meanwhile } = edit;
  const off = busy || meanwhile.length > 0;
  const close = () => {
    edit.end();
    onClose();
  };
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (off) return;
    const name = value.name.trim();
    setMissing(name === "");
    if (name && (await save(changeOf(tab, id, revision, { ...value, name })))) close();
  };
  const teamNames = (ids: string[]) =>
    list.teams
      .filter((team) => ids.includes(team.id))
      .map((team) => team.name)
      .join(", ") || t("placeForm.nobody");
  const says = (field: keyof PlaceEdit) =>
    field === "name"
      ? now.name
      : field === "kind"
        ? t(`placeForm.kinds.${now.kind}`)
        : teamNames(now.teamIds);
  const title = id ? t("placeForm.edit", { name: now.name }) : t(`placeForm.new.${tab}`);
  return (
    <Dialog title={title} width={420} onClose={close}>
      <form className={c.form} onSubmit={(e) => void submit(e)}>
        <Field
          name="name"
          label={t("placeForm.name")}
          error={missing ? t("placeForm.nameMissing") : undefined}
        >
          {(props) => (
            <input
              {...props}
              data-autofocus
              value={value.name}
              maxLength={MAX_NAME_LENGTH}
              autoComplete="off"
              onChange={(e) => edit.set({ name: e.currentTarget.value })}
            />
          )}
        </Field>
        {tab === "groups" && (
          <Field name="kind" label={t("placeForm.kind")} hint={t(`placeForm.kindText.${value.kind}`)}>
            {(props) => (
              <select
                {...props}
                value={value.kind}
                onChange={(e) => edit.set({ kind: e.currentTarget.value as GroupKind })}
              >
                {kinds.map((kind) => (
                  <option key={kind} value={kind}>
                    {t(`placeForm.kinds.${kind}`)}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        {tab === "queues" && (
          <fieldset className={c.teams}>
            <legend>{t("placeForm.servedBy")}</legend>
            {list.teams.map((team) => (
              <label key={team.id}>
                <input
                  type="checkbox"
                  checked={value.teamIds.includes(team.id)}
                  onChange={(e) =>
                    edit.set({
                      teamIds: e.currentTarget.checked
                        ? [...value.teamIds, team.id]
                        : value.teamIds.filter((id) => id !== team.id),
                    })
                  }
                />
                <span className="cut">{team.name}</span>
              </label>
            ))}
            {list.teams.length === 0 && <p>{t("placeForm.noTeams")}</p>}
          </fieldset>
        )}
        <Meanwhile
          by={told}
          changes={meanwhile.map((key) => ({ key, field: t(`placeForm.fields.${key}`), now: says(key) }))}
          clash={meanwhile.some((key) => edit.changed.includes(key))}
          onKeep={edit.goOn}
        />
        <PlaceFailure failure={failure} />
        <div className={c.foot}>
          <Button onClick={close}>{t("admin.cancel")}</Button>
          <Button kind="primary" type="submit" aria-disabled={off}>
            {t(id ? "admin.save" : "placeForm.create")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
