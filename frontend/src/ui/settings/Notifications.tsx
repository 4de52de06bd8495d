import { IconCloudOff, IconPlus, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useEffect, useId, useState } from "react";
import { since } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import type { QuietHours, Reminder } from "../../protocol";
import type { Tray } from "../../shell/shell";
import { playNotification, SOUNDS } from "../../shell/sound";
import { allowToasts } from "../../shell/toast";
import { isOn } from "../../state/disturb";
import {
  MAX_QUIET_HOURS,
  minuteOf,
  NEW_QUIET_HOURS,
  timeOf,
  toggleDay,
  WEEK,
  withQuiet,
} from "../../state/reminders";
import { Segments, Switch } from "../base/controls";
import { Dialog } from "../base/Dialog";
import { Button, IconButton, LinkButton } from "../base/parts";
import { useApp, useNet, useParley } from "../context";
import a from "./account.module.css";
import { Note } from "./Devices";
import c from "./notifications.module.css";
import { PushSwitch } from "./PushSwitch";
import { ReminderChoice } from "./ReminderChoice";

/** When and how Parley disturbs one: what holds on all of one's devices, and what on this one. */
export default function Notifications({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const online = useNet().kind === "online";
  return (
    <Dialog title={t("attention.title")} width={520} onClose={onClose}>
      <div className={a.dialog}>
        {!online && (
          <Note icon={<IconCloudOff size={16} stroke={1.7} aria-hidden />}>{t("attention.offline")}</Note>
        )}
        <Reminders disabled={!online} />
        <Disturbing disabled={!online} />
        <Quiet disabled={!online} />
        <Here online={online} />
      </div>
    </Dialog>
  );
}

/** When toasts come (MSG-32). */
function Reminders({ disabled }: { disabled: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const { own, organisation } = useParley((s) => ({
    own: s.world.me?.attention?.reminder,
    organisation: s.world.organisation?.reminder,
  }));
  return (
    <ReminderChoice
      legend={t("attention.toasts")}
      value={own ?? { mode: "" }}
      organisation={organisation ?? { mode: "every" }}
      disabled={disabled}
      onChange={(reminder: Reminder) => app.oneself.setAttention({ reminder })}
    />
  );
}

function Disturbing({ disabled }: { disabled: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const dnd = useParley((s) => s.world.me?.attention?.doNotDisturb);
  const id = useId();
  const on = isOn(dnd, Date.now());
  return (
    <section className={c.part}>
      <div className={c.line}>
        <h3 id={id}>{t("attention.dnd")}</h3>
        <Switch
          labelledBy={id}
          describedBy={`${id}-t`}
          on={on}
          disabled={disabled}
          onChange={() => app.oneself.setAttention({ doNotDisturb: { on: !on } })}
        />
      </div>
      <p id={`${id}-t`} className={a.quiet}>
        {on && dnd?.untilAt
          ? t("attention.dndUntil", { time: since(dnd.untilAt, Date.now()) })
          : t("attention.dndText")}
      </p>
    </section>
  );
}

function Quiet({ disabled }: { disabled: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const attention = useParley((s) => s.world.me?.attention) ?? {};
  const list = attention.quietHours ?? [];
  const set = (quietHours: QuietHours[]) => app.oneself.setAttention({ quietHours });
  return (
    <section className={c.part}>
      <h3>{t("attention.quiet")}</h3>
      <p className={a.quiet}>{t("attention.quietText")}</p>
      {list.map((q, i) => (
        <Hours
          // biome-ignore lint/suspicious/noArrayIndexKey: they have no other name, and keep their order
          key={i}
          hours={q}
          number={i + 1}
          disabled={disabled}
          onChange={(next) => set(withQuiet(attention, i, next))}
        />
      ))}
      <div>
        <Button
          size="sm"
          aria-disabled={disabled || list.length >= MAX_QUIET_HOURS}
          onClick={() =>
            !disabled &&
            list.length < MAX_QUIET_HOURS &&
            set(withQuiet(attention, list.length, NEW_QUIET_HOURS))
          }
        >
          <IconPlus size={14} stroke={1.7} aria-hidden />
          {t("attention.addQuiet")}
        </Button>
      </div>
    </section>
  );
}

/** One time of quiet: its days, from when to when. Null takes it away. */
function Hours({
  hours,
  number,
  disabled,
  onChange,
}: {
  hours: QuietHours;
  number: number;
  disabled: boolean;
  onChange: (next: QuietHours | null) => void;
}) {
  const { t } = useTranslation();
  return (
    <fieldset className={c.hours} disabled={disabled}>
      <legend className="vh">{t("attention.quietNumber", { number })}</legend>
      <div className={c.days}>
        {WEEK.map((day) => (
          <button
            key={day}
            type="button"
            className={c.day}
            aria-pressed={hours.days.includes(day)}
            aria-label={dayName(t("attention.locale"), day, "long")}
            onClick={() => onChange(toggleDay(hours, day))}
          >
            {dayName(t("attention.locale"), day, "short")}
          </button>
        ))}
      </div>
      <div className={c.times}>
        <Time
          label={t("attention.from")}
          minute={hours.fromMinute}
          onChange={(fromMinute) => onChange({ ...hours, fromMinute })}
        />
        <Time
          label={t("attention.to")}
          minute={hours.toMinute}
          onChange={(toMinute) => onChange({ ...hours, toMinute })}
        />
        {hours.toMinute <= hours.fromMinute && <small>{t("attention.nextDay")}</small>}
        <IconButton
          icon={IconTrash}
          size="sm"
          iconSize={16}
          label={t("attention.removeQuiet", { number })}
          onClick={() => onChange(null)}
        />
      </div>
    </fieldset>
  );
}

/** The name of a day of the week; 0 is Sunday. */
function dayName(locale: string, day: number, weekday: "short" | "long"): string {
  // 4 January 1970 was a Sunday.
  return new Intl.DateTimeFormat(locale, { weekday, timeZone: "UTC" }).format(Date.UTC(1970, 0, 4 + day));
}

/** A time of day; taken when one leaves the field, so that half a time changes nothing. */
function Time({
  label,
  minute,
  onChange,
}: {
  label: string;
  minute: number;
  onChange: (minute: number) => void;
}) {
  const [typed, setTyped] = useState(timeOf(minute));
  useEffect(() => setTyped(timeOf(minute)), [minute]);
  const take = () => {
    const next = minuteOf(typed);
    if (next === null) setTyped(timeOf(minute));
    else if (next !== minute) onChange(next);
  };
  return (
    <label className={c.time}>
      <span>{label}</span>
      <input type="time" value={typed} onChange={(e) => setTyped(e.currentTarget.value)} onBlur={take} />
    </label>
  );
}

/** What holds for this device alone. */
function Here({ online }: { online: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const { sound, soundName, volume, toasts } = useParley((s) => s.preferences);
  const [refused, setRefused] = useState(false);
  const id = useId();
  const toggleToasts = async () => {
    const allowed = !toasts && (await allowToasts());
    setRefused(!toasts && !allowed);
    app.setPreferences({ toasts: allowed });
  };
  return (
    <section className={c.part}>
      <h3>{t("attention.here")}</h3>
      <Line label={t("settings.sound")} id={`${id}-s`}>
        <Switch labelledBy={`${id}-s`} on={sound} onChange={() => app.setPreferences({ sound: !sound })} />
      </Line>
      {sound && (
        <>
          <Line label={t("attention.sound")}>
            <Segments
              label={t("attention.sound")}
              value={soundName}
              options={SOUNDS.map((value) => ({ value, text: t(`attention.sounds.${value}`) }))}
              onChange={(next) => {
                app.setPreferences({ soundName: next });
                playNotification(next, volume);
              }}
            />
          </Line>
          <Line label={t("attention.volume")} id={`${id}-v`}>
            <input
              type="range"
              className={c.volume}
              min={5}
              max={100}
              step={5}
              value={volume}
              aria-labelledby={`${id}-v`}
              onChange={(e) => app.setPreferences({ volume: Number(e.currentTarget.value) })}
            />
            <LinkButton onClick={() => playNotification(soundName, volume)}>{t("settings.test")}</LinkButton>
          </Line>
        </>
      )}
      {!app.shell.replica && (
        <Line label={t("settings.toasts")} id={`${id}-t`}>
          <Switch labelledBy={`${id}-t`} on={toasts} onChange={() => void toggleToasts()} />
        </Line>
      )}
      {!app.shell.replica && <PushSwitch disabled={!online} />}
      {app.shell.tray && <CloseToTray tray={app.shell.tray} />}
      {refused && <small role="status">{t("settings.toastsRefused")}</small>}
    </section>
  );
}

/** Whether the program goes on when its window is closed. */
function CloseToTray({ tray }: { tray: Tray }) {
  const { t } = useTranslation();
  const [on, setOn] = useState(tray.closes);
  const id = useId();
  const toggle = () => {
    tray.setCloses(!on);
    setOn(!on);
  };
  return (
    <Line label={t("attention.closeToTray")} id={id}>
      <Switch labelledBy={id} on={on} onChange={toggle} />
    </Line>
  );
}

function Line({ label, id, children }: { label: string; id?: string; children: ReactNode }) {
  return (
    <div className={c.line}>
      <span id={id}>{label}</span>
      {children}
    </div>
  );
}
