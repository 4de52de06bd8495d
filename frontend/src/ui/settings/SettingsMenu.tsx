import { Popover, useMantineColorScheme } from "@mantine/core";
import {
  IconAlertTriangle,
  IconBell,
  IconChevronRight,
  IconDeviceDesktop,
  IconDevices,
  IconDownload,
  IconKey,
  IconMoon,
  IconSettings,
  IconShieldLock,
  IconSun,
  type Icon as TablerIcon,
} from "@tabler/icons-react";
import { type ReactNode, useId, useRef, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { playNotification } from "../../shell/sound";
import { allowToasts } from "../../shell/toast";
import type { Dialog } from "../../state/appState";
import { Segments, Switch } from "../base/controls";
import { IconButton, LinkButton } from "../base/parts";
import { useApp, useParley } from "../context";
import { LanguageChoice } from "./LanguageChoice";
import { OwnMessaging } from "./OwnMessaging";
import c from "./settings.module.css";

/** What one chooses for this computer (theme, sound, notifications, language), and the ways to one's account. */
export function SettingsMenu() {
  const { t } = useTranslation();
  const app = useApp();
  const opened = useParley((s) => s.dialog === "settings");
  const setOpened = (open: boolean) => app.show(open ? "settings" : null);
  const target = useRef<HTMLButtonElement>(null);
  const leaveFor = (dialog: Dialog) => {
    // Where the dialog gives the focus back to.
    target.current?.focus();
    app.show(dialog);
  };
  return (
    <Popover position="bottom-end" trapFocus returnFocus opened={opened} onChange={setOpened}>
      <Popover.Target>
        <IconButton
          ref={target}
          icon={IconSettings}
          label={t("nav.settings")}
          onClick={() => setOpened(!opened)}
        />
      </Popover.Target>
      <Popover.Dropdown>
        <Panel onDialog={leaveFor} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Panel({ onDialog }: { onDialog: (dialog: Dialog) => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const { sound, soundName, volume, toasts } = useParley((s) => s.preferences);
  const warning = useParley((s) => s.world.link?.warning);
  const version = useParley((s) => (s.peer.kind === "online" ? s.peer.hello.version : ""));
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const installing = useParley((s) => s.installing);
  const [refused, setRefused] = useState(false);
  const toggleToasts = async () => {
    if (toasts) return app.setPreferences({ toasts: false });
    const allowed = await allowToasts();
    setRefused(!allowed);
    app.setPreferences({ toasts: allowed });
  };
  return (
    <div className={c.panel}>
      <h2>{t("settings.title")}</h2>
      <div className={c.line}>
        <span>{t("settings.theme")}</span>
        <Segments
          label={t("settings.theme")}
          value={colorScheme}
          onChange={setColorScheme}
          options={[
            {
              value: "light",
              text: t("settings.light"),
              icon: <IconSun size={14} stroke={1.7} aria-hidden />,
            },
            {
              value: "dark",
              text: t("settings.dark"),
              icon: <IconMoon size={14} stroke={1.7} aria-hidden />,
            },
            {
              value: "auto",
              text: t("settings.system"),
              icon: <IconDeviceDesktop size={14} stroke={1.7} aria-hidden />,
            },
          ]}
        />
      </div>
      <div className={c.line}>
        <span>{t("settings.language")}</span>
        <LanguageChoice />
      </div>
      <SwitchLine
        label={t("settings.sound")}
        on={sound}
        onChange={() => app.setPreferences({ sound: !sound })}
      >
        <LinkButton onClick={() => playNotification(soundName, volume)}>{t("settings.test")}</LinkButton>
      </SwitchLine>
      {!app.shell.replica && (
        <SwitchLine label={t("settings.toasts")} on={toasts} onChange={() => void toggleToasts()} />
      )}
      {refused && <small role="status">{t("settings.toastsRefused")}</small>}
      {warning && (
        <p className={c.warning}>
          <IconAlertTriangle size={16} stroke={1.7} aria-hidden />
          {warning}
        </p>
      )}
      <OwnMessaging />
      <div className={c.ways}>
        <Way icon={IconBell} label={t("attention.title")} onClick={() => onDialog("notifications")} />
        <Way icon={IconDevices} label={t("devices.title")} onClick={() => onDialog("devices")} />
        {installing === "offered" && (
          <Way
            icon={IconDownload}
            label={t("install.install")}
            onClick={() => void app.shell.installed?.install()}
          />
        )}
        <Way icon={IconKey} label={t("password.title")} onClick={() => onDialog("password")} />
        <Way icon={IconShieldLock} label={t("factor.title")} onClick={() => onDialog("secondFactor")} />
      </div>
      {installing === "byShareMenu" && <small>{t("install.byShareMenu")}</small>}
      {version && <small>{t("settings.version", { version })}</small>}
    </div>
  );
}

/** A line that leads to a dialog. */
function Way({ icon: Icon, label, onClick }: { icon: TablerIcon; label: string; onClick: () => void }) {
  return (
    <button type="button" className={c.way} onClick={onClick}>
      <Icon size={16} stroke={1.7} aria-hidden />
      <span>{label}</span>
      <IconChevronRight size={16} stroke={1.7} aria-hidden className="mirror" />
    </button>
  );
}

function SwitchLine({
  label,
  on,
  onChange,
  children,
}: {
  label: string;
  on: boolean;
  onChange: () => void;
  children?: ReactNode;
}) {
  const id = useId();
  return (
    <div className={c.line}>
      <span id={id}>{label}</span>
      {children}
      <Switch labelledBy={id} on={on} onChange={onChange} />
    </div>
  );
}
