import { useId } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { MessagingMode, Organisation, Role } from "../../protocol";
import { reminderOf, wordOf } from "../../state/reminders";
import { Field } from "../../ui/base/Field";
import { useParley } from "../../ui/context";
import { ReminderChoice, reminderText } from "../../ui/settings/ReminderChoice";
import c from "../admin.module.css";
import {
  type ConfigureChange,
  Meanwhile,
  PageHead,
  SaveBar,
  SaveFailure,
  SwitchSetting,
  useSaid,
  useSaving,
} from "../parts";
import { useLastTold } from "../useAdministration";
import { useEdit } from "../useEdit";

const modes: MessagingMode[] = ["everyone", "superiorsOnly", "administratorsStart"];
const roles: Role[] = ["agent", "supervisor", "administrator", "expert"];
const DAY_MS = 24 * 3600 * 1000;
const MOST_DAYS = 3650;

/** System setup > Agent features: the switch, the mode and the reply window of all internal messages (IM-1..4). */
export default function AgentFeatures() {
  const organisation = useParley((s) => s.world.organisation);
  return organisation && <Form organisation={organisation} />;
}

interface Fields {
  messaging: boolean;
  mode: MessagingMode;
  /** In days, as it was typed. */
  window: string;
  /** As a word: see wordOf. */
  reminder: string;
  /** The roles that need a second factor, in the order of `roles`. */
  secondFactor: Role[];
  pushText: boolean;
}

const daysOf = (ms: number) => String(Math.round((ms / DAY_MS) * 100) / 100);
const msOf = (days: string) => Math.round(Number(days.replace(",", ".")) * DAY_MS);
const validDays = (days: string) => days.trim() !== "" && msOf(days) > 0 && msOf(days) <= MOST_DAYS * DAY_MS;

function Form({ organisation }: { organisation: Organisation }) {
  const { t } = useTranslation();
  const { messaging, mode, replyWindowMs, pushText = false, secondFactor = [] } = organisation;
  const reminder = wordOf(organisation.reminder);
  const inForce: Fields = {
    messaging,
    mode,
    window: daysOf(replyWindowMs),
    reminder,
    pushText,
    secondFactor,
  };
  const edit = useEdit<Fields>("agentFeatures", inForce);
  const { busy, failure, save } = useSaving();
  const told = useLastTold("organisation");
  const { value, changed } = edit;
  const valid = validDays(value.window);
  const clash = edit.meanwhile.length > 0;
  const { said, say } = useSaid(changed.length > 0);

  const ms = changed.includes("window") ? msOf(value.window) : replyWindowMs;
  const next = {
    ...organisation,
    messaging: value.messaging,
    mode: value.mode,
    replyWindowMs: ms,
    pushText: value.pushText,
    ...(changed.includes("reminder") ? { reminder: reminderOf(value.reminder) } : {}),
    secondFactor: value.secondFactor,
  };
  const change: ConfigureChange = { do: "organisation.update", args: { organisation: next } };
  const update = async () => {
    if (!(await save(change))) return;
    edit.end();
    say();
  };
  const says = (field: keyof Fields, v: Fields) =>
    field === "messaging" || field === "pushText"
      ? t(v[field] ? "features.on" : "features.off")
      : field === "mode"
        ? t(`features.modes.${v.mode}.title`)
        : field === "reminder"
          ? reminderText(t, reminderOf(v.reminder))
          : field === "secondFactor"
            ? v.secondFactor.map((role) => t(`roles.${role}`)).join(", ") || t("features.secondFactorNobody")
            : t("features.days", { count: Number(v.window), days: v.window });
  const note = () => {
    if (clash) return t("admin.decideFirst");
    if (!valid) return t("features.windowWrong", { most: MOST_DAYS });
    if (changed.length === 0) return t("admin.nothingChanged");
    if (changed.includes("messaging")) return t(value.messaging ? "features.willOn" : "features.willOff");
    if (changed.includes("mode")) return t("features.willMode", { mode: says("mode", value) });
    if (changed.includes("reminder"))
      return t("features.willReminder", { reminder: says("reminder", value) });
    if (changed.includes("secondFactor"))
      return t("features.willSecondFactor", { roles: says("secondFactor", value) });
    if (changed.includes("pushText"))
      return t(value.pushText ? "features.willPushOn" : "features.willPushOff");
    return t("features.willWindow", { window: says("window", value) });
  };

  return (
    <>
      <PageHead title={t("adminPages.agentFeatures.title")} text={t("features.text")} />
      <div className={c.form}>
        <SwitchSetting
          title={t("features.messaging")}
          text={t("features.messagingText")}
          on={value.messaging}
          onChange={() => edit.set({ messaging: !value.messaging })}
        />
        <Modes value={value.mode} onChange={(chosen) => edit.set({ mode: chosen })} />
        <section className={c.setting}>
          <div className={c.narrow}>
            <Field
              name="window"
              label={t("features.window")}
              hint={t("features.windowText")}
              error={valid ? undefined : t("features.windowWrong", { most: MOST_DAYS })}
            >
              {(props) => (
                <input
                  {...props}
                  inputMode="decimal"
                  value={value.window}
                  onChange={(e) => edit.set({ window: e.currentTarget.value })}
                />
              )}
            </Field>
          </div>
        </section>
        <section className={c.setting}>
          <ReminderChoice
            legend={t("features.reminder")}
            value={reminderOf(value.reminder)}
            onChange={(chosen) => edit.set({ reminder: wordOf(chosen) })}
          />
          <p>{t("features.reminderText")}</p>
        </section>
        <Roles value={value.secondFactor} onChange={(chosen) => edit.set({ secondFactor: chosen })} />
        <SwitchSetting
          title={t("features.pushText")}
          text={t("features.pushTextText")}
          on={value.pushText}
          onChange={() => edit.set({ pushText: !value.pushText })}
        />
        <Meanwhile
          by={told}
          changes={edit.meanwhile.map((key) => ({
            key,
            field: t(`features.fields.${key}`),
            now: says(key, inForce),
          }))}
          clash={edit.meanwhile.some((key) => changed.includes(key))}
          onKeep={edit.goOn}
        />
        <SaveFailure failure={failure} />
      </div>
      <SaveBar
        note={note()}
        said={said}
        changes={changed.length > 0 && valid && !clash ? [change] : []}
        blocked={clash || !valid}
        busy={busy}
        dirty={changed.length > 0}
        onCancel={edit.end}
        onUpdate={() => void update()}
      />
    </>
  );
}

/** Of whom a second factor is asked. */
function Roles({ value, onChange }: { value: Role[]; onChange: (roles: Role[]) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const toggle = (role: Role) =>
    onChange(roles.filter((r) => (r === role ? !value.includes(r) : value.includes(r))));
  return (
    <fieldset className={c.setting} aria-describedby={`${id}-t`}>
      <legend>{t("features.secondFactor")}</legend>
      {roles.map((role) => (
        <label key={role} className={c.choice} htmlFor={`${id}-${role}`}>
          <input
            type="checkbox"
            id={`${id}-${role}`}
            checked={value.includes(role)}
            onChange={() => toggle(role)}
          />
          <span>{t(`roles.${role}`)}</span>
        </label>
      ))}
      <p id={`${id}-t`}>{t("features.secondFactorText")}</p>
    </fieldset>
  );
}

function Modes({ value, onChange }: { value: MessagingMode; onChange: (mode: MessagingMode) => void }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <fieldset className={c.setting}>
      <legend>{t("features.mode")}</legend>
      {modes.map((mode) => (
        <label key={mode} className={c.choice} htmlFor={`${id}-${mode}`}>
          <input
            type="radio"
            id={`${id}-${mode}`}
            name={id}
            checked={mode === value}
            aria-describedby={`${id}-${mode}-t`}
            onChange={() => onChange(mode)}
          />
          <span>
            <b>{t(`features.modes.${mode}.title`)}</b>
            <small id={`${id}-${mode}-t`}>{t(`features.modes.${mode}.text`)}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
