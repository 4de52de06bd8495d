import { useMemo } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { UserID, UserListAnswer, UserRecord, UserRevision } from "../../protocol";
import { useApp } from "../../ui/context";
import c from "../admin.module.css";
import { BulkProgress } from "../agents/BulkProgress";
import { useBulk } from "../agents/useBulk";
import { TwoColumns } from "../columns/TwoColumns";
import { Meanwhile, SaveBar, SwitchSetting, useSaid } from "../parts";
import { useAsked, useLastTold } from "../useAdministration";
import { useEdit } from "../useEdit";
import { changedSince, enabledOf, grantsOf, licenseOf } from "./sets";

interface RightsForm {
  licensed: boolean;
  sets: string[];
  /** What the sets grant: never changed here, but somebody may change it while one assigns them. */
  grants: string[];
}

/**
 * The license and the Enabled list of one user or of many (SET-5, SET-22). Of many, what only some of them have stays theirs
 * until it is moved.
 */
export function Rights({ users, list }: { users: UserRecord[]; list: UserListAnswer }) {
  const { t } = useTranslation();
  const { administration } = useApp();
  const sets = useAsked("set.list", {}).answer?.sets;
  const { all, some } = useMemo(() => enabledOf(users), [users]);
  const count = users.length;
  const license = licenseOf(list.edition);
  const licensed = users.filter((u) => u.license === license).length;
  const now: RightsForm = { licensed: licensed === count, sets: all, grants: grantsOf(sets ?? []) };
  const key = useMemo(() => users.map((u) => u.user.id).join(","), [users]);
  const edit = useEdit<RightsForm>(`rights.${key}`, now);
  const { bulk, busy, run, end } = useBulk();
  const one = count === 1 ? users[0]?.user.id : undefined;
  const toldSets = useLastTold("user", one, "sets");
  const toldLicense = useLastTold("user", one, "license");
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
  const enable = value.sets.filter((id) => !all.includes(id));
  const disable = all.filter((id) => !value.sets.includes(id));
  const moved = (sets ?? []).filter((s) => enable.includes(s.id) || disable.includes(s.id));
  const others = changedSince(edit.before.grants, moved);
  const toldSet = useLastTold("permissionSet", others[0]?.id);
  const { said, say } = useSaid(changed.length > 0);
  // While many are saved, and after that, what is different is one's own doing.
  const mine = busy || (bulk !== null && (count > 1 || bulk.failed.length === 0));
  const meanwhile = mine ? [] : edit.meanwhile.filter((key) => key !== "grants" || others.length > 0);
  const clash = meanwhile.length > 0;
  const update = async () => {
    const seen = (ids: string[]) =>
      moved.flatMap((s) => (ids.includes(s.id) ? { setId: s.id, revision: s.revision } : []));
    // Each assignment raises the revisions that the next must name.
    const raised = new Map<UserID, number>();
    const latest = (chosen: UserRevision[]) =>
      chosen.map(({ userId, revision }) => ({ userId, revision: raised.get(userId) ?? revision }));
    const give = async (chosen: UserRevision[]) => {
      if (changed.includes("sets")) {
        const answer = await administration.give("set.assign", {
          users: latest(chosen),
          enable: seen(enable),
          disable: seen(disable),
        });
        for (const { userId, revision } of answer.users) raised.set(userId, revision);
      }
      if (changed.includes("licensed")) {
        const given = value.licensed ? { license } : {};
        await administration.give("license.assign", { users: latest(chosen), ...given });
      }
    };
    if (!(await run([{ users, give }]))) return;
    edit.end();
    say();
  };
  const change = (part: Partial<RightsForm>) => {
    end();
    edit.set(part);
  };
  const says = (field: keyof RightsForm) =>
    field === "licensed"
      ? count > 1
        ? t("sets.licensedSome", { count: licensed, all: count })
        : t(now.licensed ? "agents.on" : "agents.off")
      : (sets ?? [])
          .filter((s) => all.includes(s.id))
          .map((s) => s.label)
          .join(", ") || t("sets.nothing");
  const lineOf = (field: keyof RightsForm) =>
    field === "grants"
      ? others.map((s) => ({ key: s.id, field: s.label, now: t("sets.grantsOther") }))
      : {
          key: field,
          field: t(field === "sets" ? "sets.assigned" : "sets.fields.license"),
          now: says(field),
        };
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
          onChange={() => change({ licensed: !value.licensed })}
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
              onChange={(next) => change({ sets: next })}
            />
          )}
        </section>
        <Meanwhile
          by={meanwhile.includes("sets") ? toldSets : meanwhile.includes("licensed") ? toldLicense : toldSet}
          changes={meanwhile.flatMap(lineOf)}
          clash={meanwhile.some((key) => changed.includes(key))}
          onKeep={edit.goOn}
        />
        {(count > 1 || (bulk !== null && bulk.failed.length > 0)) && <BulkProgress bulk={bulk} />}
      </div>
      <SaveBar
        note={
          clash
            ? t("admin.decideFirst")
            : changed.length === 0
              ? t("admin.nothingChanged")
              : t("sets.willAssign", { count })
        }
        said={said}
        blocked={clash}
        busy={busy}
        dirty={changed.length > 0}
        onCancel={edit.end}
        onUpdate={() => void update()}
      />
    </>
  );
}
