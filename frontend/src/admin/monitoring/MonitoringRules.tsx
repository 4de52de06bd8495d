import { IconEyeOff } from "@tabler/icons-react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Group, MonitoringRule, User, UserID } from "../../protocol";
import { Avatar } from "../../ui/base/Avatar";
import { Empty } from "../../ui/base/parts";
import { useApp } from "../../ui/context";
import a from "../admin.module.css";
import type { AdminPageProps } from "../pages";
import { Meanwhile, PageHead, SaveBar, SaveFailure, SwitchSetting, useSaid, useSaving } from "../parts";
import { useAsked, useLastTold } from "../useAdministration";
import { useEdit } from "../useEdit";
import c from "./monitoring.module.css";

/** Monitoring: which supervisors read and follow the conversations of which group's agents, and who is told (EXP-17). */
export default function MonitoringRules({ subjectId }: AdminPageProps) {
  const { t } = useTranslation();
  const app = useApp();
  const users = useAsked("user.list", {});
  const rules = useAsked("monitoring.list", {});
  const failure = users.failure ?? rules.failure;
  if (!users.answer || !rules.answer) {
    return (
      <>
        <PageHead title={t("adminPages.monitoring.title")} text={t("monitoringRules.text")} />
        {failure && <Empty icon={IconEyeOff} title={t("admin.notLoaded")} text={failure.text} />}
      </>
    );
  }
  const { groups } = users.answer;
  const group = groups.find((g) => g.id === subjectId) ?? groups[0];
  const supervisors = users.answer.users
    .map((r) => r.user)
    .filter((u) => u.role === "supervisor" && u.active)
    .sort((x, y) => x.displayName.localeCompare(y.displayName));
  const rule = rules.answer.rules.find((r) => r.groupId === group?.id);
  return (
    <>
      <PageHead title={t("adminPages.monitoring.title")} text={t("monitoringRules.text")} />
      {group ? (
        <Form
          key={group.id}
          group={group}
          groups={groups}
          supervisors={supervisors}
          rule={rule ?? { groupId: group.id, transcripts: [], live: [], revision: 0 }}
          shown={rules.answer.shown}
          onGroup={(id) => app.open({ page: "admin", adminPage: "monitoring", subjectId: id })}
        />
      ) : (
        <Empty
          icon={IconEyeOff}
          title={t("monitoringRules.noGroup")}
          text={t("monitoringRules.noGroupText")}
        />
      )}
    </>
  );
}

/** Ids in one order, as one word: so that what is chosen can be compared. */
type Ids = string;
const wordOf = (ids: readonly UserID[]): Ids => [...ids].sort().join(" ");
const idsOf = (word: Ids): UserID[] => (word ? word.split(" ") : []);
type Right = "transcripts" | "live";
const rights: Right[] = ["transcripts", "live"];

function Form({
  group,
  groups,
  supervisors,
  rule,
  shown,
  onGroup,
}: {
  group: Group;
  groups: Group[];
  supervisors: User[];
  rule: MonitoringRule;
  shown: boolean;
  onGroup: (id: string) => void;
}) {
  const { t } = useTranslation();
  // Who is no supervisor any more, or deactivated, may watch nothing; saving leaves them out.
  const known = (ids: UserID[]) => wordOf(ids.filter((id) => supervisors.some((u) => u.id === id)));
  const now = { transcripts: known(rule.transcripts), live: known(rule.live) };
  const edit = useEdit<Record<Right, Ids>>(`monitoring ${group.id}`, now);
  const { busy, failure, save } = useSaving();
  const told = useLastTold("group", group.id);
  const clash = edit.meanwhile.length > 0;
  const dirty = edit.changed.length > 0;
  const { said, say } = useSaid(dirty);
  const names = (word: Ids) =>
    idsOf(word)
      .map((id) => supervisors.find((u) => u.id === id)?.displayName ?? "…")
      .join(", ") || t("monitoringRules.nobody");
  const update = async () => {
    const next = { ...rule, transcripts: idsOf(edit.value.transcripts), live: idsOf(edit.value.live) };
    if (!(await save({ do: "monitoring.update", args: { rule: next } }))) return;
    edit.end();
    say();
  };
  const toggle = (right: Right, id: UserID) => {
    const ids = idsOf(edit.value[right]);
    edit.set({ [right]: wordOf(ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id]) });
  };
  return (
    <>
      <div className={a.form}>
        <SwitchSetting
          title={t("monitoringRules.shown")}
          text={t(shown ? "monitoringRules.shownOn" : "monitoringRules.shownOff")}
          on={shown}
          disabled={busy}
          onChange={() => void save({ do: "monitoring.show", args: { shown: !shown } })}
        />
        <section className={a.setting}>
          <label className={c.group}>
            <span>{t("monitoringRules.group")}</span>
            <select value={group.id} onChange={(e) => onGroup(e.currentTarget.value)}>
              {groups.map((g) => (
                <option key={g.id} value={g.id}>
                  {g.name}
                </option>
              ))}
            </select>
          </label>
          {supervisors.length === 0 ? (
            <Empty
              icon={IconEyeOff}
              title={t("monitoringRules.noSupervisor")}
              text={t("monitoringRules.noSupervisorText")}
            />
          ) : (
            <table className={c.table} aria-label={t("monitoringRules.table", { group: group.name })}>
              <thead>
                <tr>
                  <th scope="col">{t("monitoringRules.supervisor")}</th>
                  {rights.map((right) => (
                    <th key={right} scope="col">
                      {t(`monitoringRules.${right}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {supervisors.map((u) => (
                  <tr key={u.id}>
                    <th scope="row">
                      <span className={c.person}>
                        <Avatar name={u.displayName} size="md" />
                        <span>
                          {u.displayName}
                          <small>{u.title}</small>
                        </span>
                      </span>
                    </th>
                    {rights.map((right) => (
                      <td key={right}>
                        <input
                          type="checkbox"
                          aria-label={`${u.displayName}: ${t(`monitoringRules.${right}`)}`}
                          checked={idsOf(edit.value[right]).includes(u.id)}
                          onChange={() => toggle(right, u.id)}
                        />
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          <p className={c.note}>{t("monitoringRules.note")}</p>
        </section>
        <Meanwhile
          by={told}
          changes={edit.meanwhile.map((key) => ({
            key,
            field: t(`monitoringRules.${key}`),
            now: names(now[key]),
          }))}
          clash={edit.meanwhile.some((key) => edit.changed.includes(key))}
          onKeep={edit.goOn}
        />
        <SaveFailure failure={failure} />
      </div>
      <SaveBar
        note={
          clash
            ? t("admin.decideFirst")
            : dirty
              ? t("monitoringRules.will", {
                  group: group.name,
                  transcripts: names(edit.value.transcripts),
                  live: names(edit.value.live),
                })
              : t("admin.nothingChanged")
        }
        said={said}
        blocked={clash}
        busy={busy}
        dirty={dirty}
        onCancel={edit.end}
        onUpdate={() => void update()}
      />
    </>
  );
}
