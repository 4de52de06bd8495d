import { IconClock, IconLock } from "@tabler/icons-react";
import { useMemo } from "react";
import { clock, exact, since } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import {
  MAX_START_TARGETS,
  type MessagingSettings,
  type StartScope,
  type UserListAnswer,
  type UserRecord,
} from "../../protocol";
import { Segments } from "../../ui/base/controls";
import { Button } from "../../ui/base/parts";
import { useNet } from "../../ui/context";
import c from "../admin.module.css";
import { byName, type Entry } from "../columns/columns";
import { TwoColumns } from "../columns/TwoColumns";
import {
  type ConfigureChange,
  Meanwhile,
  SaveBar,
  SaveFailure,
  SwitchSetting,
  useSaid,
  useSaving,
} from "../parts";
import { useAsked, useLastTold } from "../useAdministration";
import type { Editing } from "../useEdit";
import { formOf, type MessagingForm, sameSettings, settingsOf, switched } from "./messaging";
import { useReachText } from "./reach";
import { roles } from "./rows";

const scopes: StartScope[] = ["everyone", "users", "teams", "roles"];

/** What the form is edited over: what waits for the next sign-in, if anything does; a later change replaces it (IM-19). */
export function messagingNow(record: UserRecord): MessagingForm {
  return formOf(record.pending ?? record.settings);
}

/** A user's Replies and Start (IM-10..19). */
export function Messaging({
  record,
  list,
  edit,
}: {
  record: UserRecord;
  list: UserListAnswer;
  edit: Editing<MessagingForm>;
}) {
  const { t } = useTranslation();
  const reach = useReachText();
  const { busy, failure, save } = useSaving();
  const told = useLastTold("user", record.user.id);
  const { value, changed } = edit;
  const { said, say } = useSaid(changed.length > 0);
  const name = record.user.displayName;
  if (record.user.role === "administrator") return <Fixed name={name} />;

  const settings = settingsOf(value);
  const dirty = changed.length > 0;
  const clash = edit.meanwhile.length > 0;
  const tooMany = settings.targets.length > MAX_START_TARGETS;
  const changeTo = (next: MessagingSettings, applyNow: boolean): ConfigureChange => {
    const args = { userId: record.user.id, revision: record.revision, settings: next, applyNow };
    return { do: "settings.update", args };
  };
  const update = async (next: MessagingSettings, applyNow: boolean) => {
    if (!(await save(changeTo(next, applyNow)))) return;
    edit.end();
    const time = clock(Date.now());
    if (applyNow) say(t("messaging.doneNow", { name, time, change: settingsText(next) }));
    else if (sameSettings(next, record.settings)) say(t("messaging.doneBack", { name, time }));
    else say(t("messaging.doneLater", { name, time }));
  };
  const says = (field: keyof MessagingForm, form: MessagingForm) => {
    if (field === "replies" || field === "start") return t(form[field] ? "agents.on" : "agents.off");
    if (field === "scope") return t(`messaging.scopes.${form.scope}`);
    return t(`agents.reach.${field}`, { count: form[field].length });
  };
  const note = clash
    ? t("admin.decideFirst")
    : !dirty
      ? t("admin.nothingChanged")
      : tooMany
        ? t("messaging.tooMany", { most: MAX_START_TARGETS })
        : settings.start && settings.scope !== "everyone" && settings.targets.length === 0
          ? t("messaging.nobody", { name })
          : sameSettings(settings, record.settings) && record.pending
            ? t("messaging.willStay", { name })
            : t("messaging.will", { name });
  return (
    <>
      <div className={c.form}>
        {record.pending && (
          <Pending
            record={record}
            now={settingsText(record.settings)}
            next={settingsText(record.pending)}
            onApply={dirty || busy ? undefined : () => void update(record.pending as MessagingSettings, true)}
            onWithdraw={dirty || busy ? undefined : () => void update(record.settings, false)}
          />
        )}
        <SwitchSetting
          title={t("messaging.replies")}
          text={t("messaging.repliesText")}
          on={value.replies}
          onChange={() => edit.set({ replies: !value.replies })}
        />
        <SwitchSetting
          title={t("messaging.start")}
          text={t("messaging.startText")}
          on={value.start}
          onChange={() => edit.set(switched(value, messagingNow(record)))}
        >
          {value.start && <Scope record={record} list={list} edit={edit} />}
        </SwitchSetting>
        <Meanwhile
          by={told}
          changes={edit.meanwhile.map((key) => ({
            key,
            field: t(`messaging.fields.${key}`),
            now: says(key, messagingNow(record)),
          }))}
          clash={edit.meanwhile.some((key) => changed.includes(key))}
          onKeep={edit.goOn}
        />
        <SaveFailure failure={failure} />
      </div>
      <SaveBar
        note={note}
        said={said}
        // What it does once it is in force, whichever button is pressed.
        changes={dirty && !clash && !tooMany ? [changeTo(settings, true)] : []}
        blocked={clash || tooMany}
        busy={busy}
        dirty={dirty}
        onCancel={edit.end}
        onUpdate={() => void update(settings, false)}
        onApplyNow={() => void update(settings, true)}
      />
    </>
  );

  function settingsText(s: MessagingSettings) {
    return t("messaging.says", { replies: t(s.replies ? "agents.on" : "agents.off"), start: reach(s) });
  }
}

function Scope({
  record,
  list,
  edit: { value, set },
}: {
  record: UserRecord;
  list: UserListAnswer;
  edit: Editing<MessagingForm>;
}) {
  const { t } = useTranslation();
  const before = messagingNow(record);
  const entries = useMemo<Record<"users" | "teams" | "roles", Entry[]>>(() => {
    const count = (is: (u: UserRecord) => boolean) =>
      t("messaging.people", { count: list.users.filter((u) => u.user.active && is(u)).length });
    return {
      users: list.users
        .filter((u) => u.user.id !== record.user.id && u.user.active)
        .map(({ user }) => ({
          id: user.id,
          name: user.displayName,
          detail: user.title || t(`role.${user.role}`),
        }))
        .sort(byName),
      teams: list.teams.map((team) => ({
        id: team.id,
        name: team.name,
        detail: count((u) => u.user.teamIds.includes(team.id)),
      })),
      roles: roles.map((role) => ({
        id: role,
        name: t(`rolesShort.${role}`),
        detail: count((u) => u.user.role === role),
      })),
    };
  }, [list, record.user.id, t]);
  const { scope } = value;
  return (
    <>
      <Segments
        label={t("messaging.scope")}
        value={scope}
        options={scopes.map((s) => ({ value: s, text: t(`messaging.scopes.${s}`) }))}
        onChange={(next) => set({ scope: next })}
      />
      {scope === "everyone" ? (
        <p>{t("messaging.everyoneText")}</p>
      ) : (
        <TwoColumns
          key={scope}
          label={t(`messaging.scopes.${scope}`)}
          titles={{ left: t("messaging.disallowed"), right: t("messaging.allowed") }}
          entries={entries[scope]}
          allowed={value[scope]}
          before={before[scope]}
          onChange={(allowed) => set({ [scope]: allowed })}
        />
      )}
    </>
  );
}

/** What waits for the next sign-in, since when and by whom. */
function Pending({
  record,
  now,
  next,
  onApply,
  onWithdraw,
}: {
  record: UserRecord;
  now: string;
  next: string;
  /** Both are absent while something else is being changed. */
  onApply: (() => void) | undefined;
  onWithdraw: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  const online = useNet().kind === "online";
  const name = record.user.displayName;
  // Whatever changes the settings has an entry; the last one of a user who has some that wait is the one that ordered them.
  const ordered = useAsked("audit.list", {
    subjectKind: "user",
    subjectId: record.user.id,
    command: "settings.update",
    limit: 1,
  }).answer?.entries[0];
  return (
    <div className={c.note} role="status">
      <IconClock size={16} stroke={1.7} aria-hidden />
      <div>
        <p>
          <b>{t("messaging.pending", { name })}</b>
        </p>
        <p>{t("messaging.pendingThen", { change: next })}</p>
        <p>{t("messaging.pendingNow", { now })}</p>
        {ordered && (
          <p title={exact(ordered.at)}>
            {t("messaging.pendingBy", {
              name: ordered.byId === "console" ? t("audit.console") : ordered.byName,
              at: since(ordered.at, Date.now()),
            })}
          </p>
        )}
        {onApply && onWithdraw && (
          <div className={c.noteEnd}>
            <Button size="sm" aria-disabled={!online} onClick={() => online && onWithdraw()}>
              {t("messaging.withdraw")}
            </Button>
            <Button size="sm" aria-disabled={!online} onClick={() => online && onApply()}>
              {t("messaging.applyPending")}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

function Fixed({ name }: { name: string }) {
  const { t } = useTranslation();
  return (
    <div className={c.form}>
      <div className={c.note} data-tone="quiet">
        <IconLock size={16} stroke={1.7} aria-hidden />
        <span>{t("messaging.fixed", { name })}</span>
      </div>
      <SwitchSetting
        title={t("messaging.replies")}
        text={t("messaging.repliesText")}
        on
        disabled
        onChange={() => {}}
      />
      <SwitchSetting
        title={t("messaging.start")}
        text={t("messaging.everyoneText")}
        on
        disabled
        onChange={() => {}}
      />
    </div>
  );
}
