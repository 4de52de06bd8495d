import { IconCopy, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { PermissionSet, UserRecord } from "../../protocol";
import { Dialog } from "../../ui/base/Dialog";
import { Field } from "../../ui/base/Field";
import { Button } from "../../ui/base/parts";
import a from "../admin.module.css";
import { Drawer } from "../Drawer";
import { Meanwhile, SaveBar, SaveFailure, useSaid, useSaving } from "../parts";
import { useLastTold } from "../useAdministration";
import { useEdit } from "../useEdit";
import { SetFields } from "./SetFields";
import { apiNameOf, emptySet, formOf, type SetForm, setOf, validApiName } from "./sets";
import c from "./sets.module.css";

/** A permission set, or a new one: everything it grants, who holds it, and what one may do with the whole of it. */
export function SetDrawer({
  set,
  sets,
  holders,
  onOpen,
  onClose,
}: {
  /** Absent for a new one. */
  set: PermissionSet | undefined;
  sets: PermissionSet[];
  holders: UserRecord[];
  onOpen: (id: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const now = set ? formOf(set) : emptySet;
  const edit = useEdit<SetForm>(`set.${set?.id ?? "new"}`, now);
  const { busy, failure, save } = useSaving();
  const told = useLastTold("permissionSet", set?.id);
  const [asking, setAsking] = useState<"clone" | "delete" | null>(null);
  const { value, changed } = edit;
  const clash = edit.meanwhile.length > 0;
  const { said, say } = useSaid(changed.length > 0);
  const apiName = set ? set.apiName : value.apiName || apiNameOf(value.label);
  const taken = !set && sets.some((s) => s.apiName.toLowerCase() === apiName.toLowerCase());
  const labelled = value.label.trim() !== "";
  const good = labelled && validApiName(apiName) && !taken;
  const close = () => {
    edit.end();
    onClose();
  };
  const update = async () => {
    const next = setOf({ ...value, apiName }, set?.id ?? "", set?.revision ?? 0);
    const done = set
      ? await save({ do: "set.update", args: { set: next } })
      : await save({ do: "set.create", args: { set: next } });
    if (!done) return;
    edit.end();
    if (set) say();
    else onClose();
  };
  const says = (field: keyof SetForm) => {
    if (field === "permissions")
      return now.permissions.map((p) => t(`sets.permissions.${p}.title`)).join(", ") || t("sets.nothing");
    if (field === "statuses")
      return now.statuses.map((s) => t(`status.${s}`)).join(", ") || t("sets.nothing");
    if (field === "license") return now.license ? t(`sets.licenses.${now.license}`) : t("sets.noLicense");
    if (field === "sessions" || field === "contacts") return t(`sets.access.${now[field]}`);
    return now[field];
  };
  const note = clash
    ? t("admin.decideFirst")
    : changed.length === 0
      ? t("admin.nothingChanged")
      : !labelled
        ? t("sets.labelMissing")
        : taken
          ? t("sets.apiNameTaken")
          : !good
            ? t("sets.apiNameWrong")
            : set
              ? t("sets.will", { count: holders.length })
              : t("sets.willCreate");
  return (
    <Drawer
      title={set ? set.label : t("sets.new")}
      detail={set && t("sets.heldBy", { count: holders.length })}
      unsaved={changed.length > 0}
      onClose={close}
    >
      <div className={a.form}>
        {set && (
          <div className={c.toolsEnd}>
            <Button size="sm" onClick={() => setAsking("clone")}>
              <IconCopy size={16} stroke={1.7} aria-hidden />
              {t("sets.clone")}
            </Button>
            <Button size="sm" onClick={() => setAsking("delete")}>
              <IconTrash size={16} stroke={1.7} aria-hidden />
              {t("sets.delete")}
            </Button>
          </div>
        )}
        <SetFields
          value={value}
          before={now}
          apiName={value.apiName || (set ? set.apiName : apiNameOf(value.label))}
          fixedName={set !== undefined}
          apiError={
            !set && value.label && !validApiName(apiName)
              ? t("sets.apiNameWrong")
              : taken
                ? t("sets.apiNameTaken")
                : undefined
          }
          onChange={edit.set}
        />
        {set && <Holders holders={holders} />}
        <Meanwhile
          by={told}
          changes={edit.meanwhile.map((key) => ({ key, field: t(`sets.fields.${key}`), now: says(key) }))}
          clash={edit.meanwhile.some((key) => changed.includes(key))}
          onKeep={edit.goOn}
        />
        <SaveFailure failure={failure} />
      </div>
      <SaveBar
        action={set ? undefined : t("sets.create")}
        note={note}
        said={said}
        blocked={clash || !good}
        busy={busy}
        dirty={changed.length > 0}
        onCancel={edit.end}
        onUpdate={() => void update()}
      />
      {asking === "clone" && set && (
        <Clone set={set} sets={sets} onDone={onClose} onClose={() => setAsking(null)} onOpen={onOpen} />
      )}
      {asking === "delete" && set && (
        <Delete set={set} holders={holders.length} onDone={close} onClose={() => setAsking(null)} />
      )}
    </Drawer>
  );
}

/** As many holders are named; of the others the number is told. */
const NAMED = 100;

function Holders({ holders }: { holders: UserRecord[] }) {
  const { t } = useTranslation();
  return (
    <section className={a.setting}>
      <h2>{t("sets.holders")}</h2>
      {holders.length === 0 ? (
        <p>{t("sets.nobody")}</p>
      ) : (
        <ul className={c.names}>
          {holders.slice(0, NAMED).map((u) => (
            <li key={u.user.id}>{u.user.displayName}</li>
          ))}
          {holders.length > NAMED && <li>{t("sets.holdersMore", { count: holders.length - NAMED })}</li>}
        </ul>
      )}
    </section>
  );
}

/** Makes a set that grants the same under another name (SET-19). */
function Clone({
  set,
  sets,
  onDone,
  onOpen,
  onClose,
}: {
  set: PermissionSet;
  sets: PermissionSet[];
  onDone: () => void;
  onOpen: (id: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { busy, failure, save } = useSaving();
  const [label, setLabel] = useState(t("sets.cloneOf", { name: set.label }));
  const taken = sets.find((s) => s.apiName.toLowerCase() === apiNameOf(label).toLowerCase());
  const good = apiNameOf(label) !== "" && !taken;
  const clone = async () => {
    if (await save({ do: "set.clone", args: { setId: set.id, label } })) onDone();
  };
  return (
    <Dialog title={t("sets.cloneTitle", { name: set.label })} width={440} onClose={onClose}>
      <form
        className={c.ask}
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          if (good && !busy) void clone();
        }}
      >
        <Field
          name="label"
          label={t("sets.fields.label")}
          error={good ? undefined : t(taken ? "sets.apiNameTaken" : "sets.labelMissing")}
          hint={t("sets.apiNameIs", { name: apiNameOf(label) })}
        >
          {(props) => (
            <input
              {...props}
              data-autofocus
              value={label}
              onChange={(e) => setLabel(e.currentTarget.value)}
            />
          )}
        </Field>
        <SaveFailure failure={failure} />
        <div className={c.askEnd}>
          {taken && taken.id !== set.id && (
            <Button onClick={() => onOpen(taken.id)}>{t("sets.openOther", { name: taken.label })}</Button>
          )}
          <Button kind="primary" type="submit" aria-disabled={!good || busy}>
            {t("sets.clone")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Delete({
  set,
  holders,
  onDone,
  onClose,
}: {
  set: PermissionSet;
  holders: number;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { busy, failure, save } = useSaving();
  const remove = async () => {
    const args = { setId: set.id, revision: set.revision, holders };
    if (await save({ do: "set.delete", args })) onDone();
  };
  return (
    <Dialog title={t("sets.deleteTitle", { name: set.label })} width={440} onClose={onClose}>
      <div className={c.ask}>
        <p>{t("sets.deleteText", { count: holders })}</p>
        <SaveFailure failure={failure} />
        <div className={c.askEnd}>
          <Button data-autofocus onClick={onClose}>
            {t("admin.cancel")}
          </Button>
          <Button kind="primary" aria-disabled={busy} onClick={() => !busy && void remove()}>
            {t("sets.delete")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
