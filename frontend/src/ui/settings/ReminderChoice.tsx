import type { TFunction } from "i18next";
import { useId } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Reminder, ReminderMode } from "../../protocol";
import { reminderTimes } from "../../state/reminders";
import c from "./notifications.module.css";

/** A time after which a reminder comes, in words. */
export function afterText(t: TFunction, ms: number): string {
  return ms < 60_000
    ? t("attention.seconds", { count: ms / 1000 })
    : t("attention.minutes", { count: Math.round(ms / 6000) / 10 });
}

/** A way to be reminded in words, as it stands in a sentence. */
export function reminderText(t: TFunction, r: Reminder | undefined): string {
  if (r?.mode === "after") return t("attention.words.after", { time: afterText(t, r.afterMs ?? 0) });
  return t(r?.mode === "off" ? "attention.words.off" : "attention.words.every");
}

/** Chooses when toasts remind. With `organisation` one may leave it to that. */
export function ReminderChoice({
  legend,
  value,
  organisation,
  disabled,
  onChange,
}: {
  legend: string;
  value: Reminder;
  organisation?: Reminder;
  disabled?: boolean;
  onChange: (next: Reminder) => void;
}) {
  const { t } = useTranslation();
  const id = useId();
  const times = reminderTimes(value);
  const afterMs = value.afterMs || 120_000;
  const modes: ReminderMode[] = organisation ? ["", "every", "after", "off"] : ["every", "after", "off"];
  const label = (mode: ReminderMode) =>
    mode === ""
      ? t("attention.modes.organisation", { choice: reminderText(t, organisation) })
      : t(`attention.modes.${mode}`);
  return (
    <fieldset className={c.part} disabled={disabled}>
      <legend>{legend}</legend>
      {modes.map((mode) => (
        <div key={mode} className={c.choice}>
          <label htmlFor={`${id}-${mode}`}>
            <input
              type="radio"
              id={`${id}-${mode}`}
              name={id}
              checked={mode === value.mode}
              onChange={() => onChange(mode === "after" ? { mode, afterMs } : { mode })}
            />
            <span>{label(mode)}</span>
          </label>
          {mode === "after" && value.mode === "after" && (
            <select
              aria-label={t("attention.after")}
              value={afterMs}
              onChange={(e) => onChange({ mode: "after", afterMs: Number(e.currentTarget.value) })}
            >
              {times.map((ms) => (
                <option key={ms} value={ms}>
                  {afterText(t, ms)}
                </option>
              ))}
            </select>
          )}
        </div>
      ))}
    </fieldset>
  );
}
