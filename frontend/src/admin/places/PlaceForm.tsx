import { type FormEvent, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { type GroupKind, MAX_NAME_LENGTH, type UserListAnswer } from "../../protocol";
import { Dialog } from "../../ui/base/Dialog";
import { Field } from "../../ui/base/Field";
import { Button } from "../../ui/base/parts";
import { type ConfigureChange, useSaving } from "../parts";
import { PlaceFailure } from "./PlaceFailure";
import c from "./places.module.css";

/** A kind of place as it is listed. */
export type PlaceKind = "teams" | "groups" | "queues";

/** What is made or changed: a team, a group or a queue; without an id it is new. */
export interface PlaceEdit {
  id?: string;
  /** The revision on which the form began: what somebody else changes meanwhile is not taken back. */
  revision: number;
  name: string;
  kind: GroupKind;
  teamIds: string[];
}

export const newPlace: PlaceEdit = { revision: 0, name: "", kind: "functional", teamIds: [] };

function changeOf(tab: PlaceKind, { id, revision, name, kind, teamIds }: PlaceEdit): ConfigureChange {
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

/** Makes a team, group or queue, or changes its name and what else it has. */
export function PlaceForm({
  tab,
  place,
  list,
  onClose,
}: {
  tab: PlaceKind;
  place: PlaceEdit;
  list: UserListAnswer;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [value, setValue] = useState(place);
  const [missing, setMissing] = useState(false);
  const { busy, failure, save } = useSaving();
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    const name = value.name.trim();
    setMissing(name === "");
    if (name && (await save(changeOf(tab, { ...value, name })))) onClose();
  };
  const title = place.id ? t("placeForm.edit", { name: place.name }) : t(`placeForm.new.${tab}`);
  return (
    <Dialog title={title} width={420} onClose={onClose}>
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
              onChange={(e) => setValue({ ...value, name: e.currentTarget.value })}
            />
          )}
        </Field>
        {tab === "groups" && (
          <Field name="kind" label={t("placeForm.kind")} hint={t(`placeForm.kindText.${value.kind}`)}>
            {(props) => (
              <select
                {...props}
                value={value.kind}
                onChange={(e) => setValue({ ...value, kind: e.currentTarget.value as GroupKind })}
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
                    setValue({
                      ...value,
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
        <PlaceFailure failure={failure} />
        <div className={c.foot}>
          <Button onClick={onClose}>{t("admin.cancel")}</Button>
          <Button kind="primary" type="submit" aria-disabled={busy}>
            {t(place.id ? "admin.update" : "placeForm.create")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
