import { useMemo } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { UserListAnswer, UserRecord } from "../../protocol";
import c from "../admin.module.css";
import { TwoColumns } from "../columns/TwoColumns";
import { SaveBar, SaveFailure, SwitchSetting, useSaving } from "../parts";
import { useAsked } from "../useAdministration";
import { useEdit } from "../useEdit";
import { enabledOf, licenseOf } from "./sets";

interface RightsForm {
  licensed: boolean;
  sets: string[];
}

/**
 * The license and the Enabled list of one user or of many (SET-5, SET-22). Of many, what only some of them have stays theirs
 * until it is moved.
 */
export function Rights({ users, list }: { users: UserRecord[]; list: UserListAnswer }) {
  const { t } = useTranslation();
  const sets = useAsked("set.list", {}).answer?.sets;
  const { all, some } = useMemo(() => enabledOf(users), [users]);
  const license = licenseOf(list.edition);
  const licensed = users.filter((u) => u.license === license).length;
  const now: RightsForm = { licensed: licensed === users.length, sets: all };
  const edit = useEdit<RightsForm>(`rights.${users.map((u) => u.user.id).join(",")}`, now);
  const { busy, failure, save } = useSaving();
  const entries = useMemo(
    () =>
      (sets ?? []).map((s) => ({
        id: s.id,
        name: s.label,
        detail: some.includes(s.id) ? t("sets.someHave") : s.license && t(`sets.licenses.${s.license}`),
      })),
    [sets, some, t],
  );
  const { value, changed } = edit;
  const update = async () => {
    const seen = users.map((u) => ({ userId: u.user.id, revision: u.revision }));
    const enable = value.sets.filter((id) => !all.includes(id));
    const disable = all.filter((id) => !value.sets.includes(id));
    if (changed.includes("sets")) {
      if (!(await save({ do: "set.assign", args: { users: seen, enable, disable } }))) return;
    }
    if (changed.includes("licensed")) {
      // The sets were assigned a moment ago: each user has the revision after that.
      const assigned = (u: UserRecord) =>
        enable.some((id) => !u.setIds?.includes(id)) || disable.some((id) => u.setIds?.includes(id));
      const later = users.map((u) => ({
        userId: u.user.id,
        revision: u.revision + (changed.includes("sets") && assigned(u) ? 1 : 0),
      }));
      if (
        !(await save({
          do: "license.assign",
          args: { users: later, ...(value.licensed && { license }) },
        }))
      )
        return;
    }
    edit.end();
  };
  const count = users.length;
  return (
    <>
      <div className={c.form}>
        <SwitchSetting
          title={t(`sets.licenses.${license}`)}
          text={
            licensed > 0 && licensed < count
              ? t("sets.licensedSome", { count: licensed, all: count })
              : t("sets.licenseText")
          }
          on={value.licensed}
          onChange={() => edit.set({ licensed: !value.licensed })}
        />
        <section className={c.setting}>
          <h2>{t("sets.assigned")}</h2>
          <p>{t("sets.assignedText")}</p>
          {sets?.length === 0 ? (
            <p className={c.quiet}>{t("sets.none")}</p>
          ) : (
            <TwoColumns
              label={t("sets.assigned")}
              titles={{ left: t("sets.available"), right: t("sets.enabled") }}
              entries={entries}
              allowed={value.sets}
              before={all}
              onChange={(next) => edit.set({ sets: next })}
            />
          )}
        </section>
        <SaveFailure failure={failure} />
      </div>
      <SaveBar
        note={changed.length === 0 ? t("admin.nothingChanged") : t("sets.willAssign", { count })}
        busy={busy}
        dirty={changed.length > 0}
        onCancel={edit.end}
        onUpdate={() => void update()}
      />
    </>
  );
}
