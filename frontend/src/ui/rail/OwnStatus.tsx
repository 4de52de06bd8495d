import { Menu } from "@mantine/core";
import { IconBell, IconBellOff, IconCheck, IconChevronUp, IconLogout, IconPower } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { since } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import type { Attention } from "../../protocol";
import { isOn, quietAt } from "../../state/disturb";
import { tomorrowMorning } from "../../state/reminders";
import { Avatar } from "../base/Avatar";
import { PresenceSign } from "../base/Presence";
import { useApp, useNet, useNow, useParley } from "../context";
import { ownPresence } from "../presence/presence";
import { type StatusChoice, useStatusChoices } from "../presence/statuses";
import c from "./rail.module.css";

/** Who one is and how one is shown; opens the menu to change it. */
export function OwnStatus({ folded }: { folded: boolean }) {
  const { t } = useTranslation();
  const net = useNet();
  const me = useParley((s) => s.world.me);
  const told = useParley((s) => s.world.presence[s.world.me?.user.id ?? ""]);
  useNow(60_000);
  if (!me) return null;
  const own = ownPresence(t, me, told, net);
  const first = me.user.displayName.split(" ")[0];
  const word = t(`presence.${own.shape}`);
  const quiet = quietText(t, me.attention, Date.now());
  return (
    <StatusMenu>
      <button
        type="button"
        className={c.me}
        aria-label={`${t("status.own")}: ${word}, ${own.line}${quiet ? `, ${quiet}` : ""}`}
      >
        <Avatar name={me.user.displayName} size="md">
          <PresenceSign shape={own.shape} />
        </Avatar>
        {!folded && (
          <span className={c.meText}>
            <span className={c.meName}>
              <span className="cut">{net.kind === "connecting" ? first : `${first} · ${word}`}</span>
              <IconChevronUp size={14} stroke={1.7} aria-hidden />
            </span>
            <span className={c.meLine}>
              {quiet && <IconBellOff size={12} stroke={1.8} aria-hidden />}
              <span className="cut">{quiet ? `${own.line}, ${quiet}` : own.line}</span>
            </span>
          </span>
        )}
      </button>
    </StatusMenu>
  );
}

/** That nothing disturbs one now, and until when; empty while something may. */
function quietText(t: TFunction, attention: Attention | undefined, now: number): string {
  const { quiet, until } = quietAt(attention ?? {}, now);
  if (!quiet) return "";
  return until === null ? t("attention.quietNow") : t("attention.quietUntil", { time: since(until, now) });
}

/** For how long not to be disturbed, or that one may be again. */
function DoNotDisturb({ disabled }: { disabled: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const dnd = useParley((s) => s.world.me?.attention?.doNotDisturb);
  const on = isOn(dnd, Date.now());
  const item = (label: string, untilAt: () => number) => (
    <Menu.Item
      disabled={disabled}
      leftSection={<IconBellOff size={16} stroke={1.7} aria-hidden />}
      onClick={() => {
        const until = untilAt();
        app.oneself.setAttention({ doNotDisturb: until ? { on: true, untilAt: until } : { on: true } });
      }}
    >
      {label}
    </Menu.Item>
  );
  return (
    <>
      <Menu.Label>{t("attention.menu.label")}</Menu.Label>
      {on ? (
        <Menu.Item
          disabled={disabled}
          leftSection={<IconBell size={16} stroke={1.7} aria-hidden />}
          onClick={() => app.oneself.setAttention({ doNotDisturb: { on: false } })}
        >
          {t("attention.menu.off")}
        </Menu.Item>
      ) : (
        <>
          {item(t("attention.menu.half"), () => Date.now() + 30 * 60_000)}
          {item(t("attention.menu.hour"), () => Date.now() + 60 * 60_000)}
          {item(t("attention.menu.morning"), () => tomorrowMorning(Date.now()))}
          {item(t("attention.menu.on"), () => 0)}
        </>
      )}
    </>
  );
}

/** The menu of work states, being disturbed, signing out, and ending the program where there is one. */
export function StatusMenu({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const app = useApp();
  const online = useNet().kind === "online";
  const me = useParley((s) => s.world.me);
  const choices = useStatusChoices();
  if (!me) return children;
  const item = ({ key, state, reason, shape, label, hint, current }: StatusChoice) => (
    <Menu.Item
      key={key}
      disabled={!online}
      aria-current={current || undefined}
      leftSection={
        <span className={c.dot}>
          <PresenceSign shape={shape} />
        </span>
      }
      rightSection={current && <IconCheck size={16} stroke={1.7} aria-hidden />}
      onClick={() => app.oneself.setStatus(state, reason)}
    >
      <span className={c.choice}>
        {label}
        {hint && <small>{hint}</small>}
      </span>
    </Menu.Item>
  );
  const breaks = choices.filter((s) => s.state === "break");
  return (
    // Without the place that a menu would focus first: it is no item, and screen readers would stumble over it.
    <Menu position="top-start" width={216} trapFocus>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown aria-label={t("status.menu")}>
        {!online && <Menu.Label>{t("status.needsHub")}</Menu.Label>}
        {choices.filter((s) => s.state !== "break").map(item)}
        {breaks.length > 0 && <Menu.Label>{t("status.reasons")}</Menu.Label>}
        {breaks.map(item)}
        <DoNotDisturb disabled={!online} />
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconLogout size={16} stroke={1.7} aria-hidden />}
          onClick={() => void app.askSignOut()}
        >
          {t("status.signOut")}
        </Menu.Item>
        {app.shell.quit && (
          <Menu.Item
            leftSection={<IconPower size={16} stroke={1.7} aria-hidden />}
            onClick={() => app.shell.quit?.()}
          >
            {t("status.quit")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
