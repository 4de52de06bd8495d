import { Modal, useMantineColorScheme } from "@mantine/core";
import {
  IconBell,
  IconBellOff,
  IconCalendarSearch,
  IconDeviceDesktop,
  IconDevices,
  IconKey,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconPaperclip,
  IconPower,
  IconSearch,
  IconSettings,
  IconShieldLock,
  IconSun,
  IconUserCheck,
  IconUsers,
  IconUsersGroup,
  IconUsersPlus,
  IconVolume,
  type Icon as TablerIcon,
} from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { subjectOf } from "../../admin/agents/place";
import { findPages } from "../../admin/pages";
import { useTranslation } from "../../i18n/useTranslation";
import { mayConfigure, maySeeSetup } from "../../state/administration";
import { isOn } from "../../state/disturb";
import { conversationOf } from "../../state/navigation";
import { hasRooms } from "../../state/rooms";
import { colleagues, matches, matching, rowsOf } from "../../state/select";
import { directId } from "../../state/world";
import { Avatar } from "../base/Avatar";
import { Badge } from "../base/parts";
import { useApp, useNet, useParley } from "../context";
import { chooseFiles, mayAttach } from "../files/choose";
import { PresenceOf } from "../presence/PresenceOf";
import { useStatusChoices } from "../presence/statuses";
import c from "./palette.module.css";

interface Option {
  key: string;
  group: "conversations" | "people" | "settings" | "commands";
  label: string;
  detail?: string;
  personId?: string;
  unread?: number;
  icon?: TablerIcon;
  run: () => void;
}

const MOST = 8;
/** As many people are offered to begin with; a letter finds the others. */
const MOST_PEOPLE = 40;

function focusNow(input: HTMLInputElement | null): void {
  input?.focus();
}

/** Whom to write to: the same as the palette, with people alone. */
export function NewMessage({ onClose }: { onClose: () => void }) {
  return <Palette onClose={onClose} people />;
}

/** Go anywhere by typing: conversations, people, settings, commands. */
export default function Palette({ onClose, people = false }: { onClose: () => void; people?: boolean }) {
  const { t } = useTranslation();
  const label = t(people ? "nav.newMessage" : "palette.label");
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const options = useOptions(query, people);
  const list = useRef<HTMLDivElement>(null);
  const base = useId();
  const at = Math.min(chosen, options.length - 1);

  useEffect(() => {
    list.current?.querySelector(`[data-at="${at}"]`)?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const run = (option: Option | undefined) => {
    if (!option) return;
    onClose();
    option.run();
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step) {
      e.preventDefault();
      setChosen((at + step + options.length) % Math.max(options.length, 1));
    } else if (e.key === "Enter" && !e.nativeEvent.isComposing) {
      e.preventDefault();
      run(options[at]);
    }
  };

  return (
    <Modal.Root opened onClose={onClose} centered={false} yOffset="12dvh" size={560}>
      <Modal.Overlay />
      <Modal.Content aria-label={label}>
        <div className={c.input}>
          <IconSearch size={18} stroke={1.7} aria-hidden />
          <input
            // At once, not after the dialog has come in: what is typed meanwhile would be lost.
            ref={focusNow}
            data-autofocus
            role="combobox"
            aria-label={label}
            aria-expanded
            aria-controls={`${base}-list`}
            aria-activedescendant={options.length ? `${base}-${at}` : undefined}
            placeholder={t(people ? "palette.person" : "palette.placeholder")}
            value={query}
            spellCheck={false}
            autoComplete="off"
            onChange={(e) => {
              setQuery(e.currentTarget.value);
              setChosen(0);
            }}
            onKeyDown={onKeyDown}
          />
        </div>
        {options.length ? (
          <div className={c.list} role="listbox" id={`${base}-list`} aria-label={label} ref={list}>
            {options.map((option, i) => (
              <div key={option.key} role="presentation">
                {option.group !== options[i - 1]?.group && (
                  <div className={c.group} role="presentation">
                    {t(`palette.${option.group}`)}
                  </div>
                )}
                {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the focus and the keys */}
                {/* biome-ignore lint/a11y/useFocusableInteractive: chosen by aria-activedescendant */}
                <div
                  role="option"
                  id={`${base}-${i}`}
                  data-at={i}
                  className={c.option}
                  aria-selected={i === at}
                  onMouseMove={() => i !== at && setChosen(i)}
                  onClick={() => run(option)}
                >
                  <OptionSign option={option} />
                  <span className="cut">{option.label}</span>
                  {option.detail && <small className="cut">{option.detail}</small>}
                  <Badge
                    count={option.unread ?? 0}
                    tone="accent"
                    label={t("unread", { count: option.unread ?? 0 })}
                  />
                </div>
              </div>
            ))}
          </div>
        ) : (
          <p className={c.none} role="status">
            {t("palette.none", { query })}
          </p>
        )}
        <div className={c.foot}>{t("palette.hint")}</div>
      </Modal.Content>
    </Modal.Root>
  );
}

function OptionSign({ option }: { option: Option }) {
  if (option.personId) {
    return (
      <Avatar name={option.label} size="md">
        <PresenceOf userId={option.personId} />
      </Avatar>
    );
  }
  const Icon = option.icon ?? IconSearch;
  return <Icon size={18} stroke={1.6} aria-hidden />;
}

function useOptions(query: string, onlyPeople: boolean): Option[] {
  const { t } = useTranslation();
  const app = useApp();
  const { world, own, drafts } = useParley((s) => ({ world: s.world, own: s.own, drafts: s.drafts }));
  const people = useMemo<Option[]>(() => {
    const me = world.me?.user.id ?? "";
    const refused = (id: string) => Number(world.start[id]?.allowed === false);
    const rows = rowsOf(world, own, drafts).filter((r) => r.person || r.talk?.conversation.kind === "room");
    const known = new Set(rows.map((r) => r.person?.id));
    const conversations = rows
      // What waits to be read comes first.
      .sort((a, b) => Number(b.unread > 0) - Number(a.unread > 0) || b.at - a.at)
      .map<Option>((r) => ({
        key: r.id,
        group: "conversations",
        label: r.name,
        detail: r.person ? r.person.title : t("rooms.room"),
        personId: r.person?.id,
        icon: r.person ? undefined : IconUsersGroup,
        unread: r.unread,
        run: () => app.openConversation(r.id),
      }));
    const others = colleagues(world)
      .filter((u) => !known.has(u.id))
      .sort((a, b) => refused(a.id) - refused(b.id))
      .map<Option>((u) => ({
        key: u.id,
        group: "people",
        label: u.displayName,
        detail: u.title,
        personId: u.id,
        // Whom one may not write to is shown, with the reason, rather than hidden.
        run: () =>
          refused(u.id)
            ? app.open({ page: "people", userId: u.id })
            : app.openConversation(directId(me, u.id)),
      }));
    return [...conversations, ...others];
  }, [world, own, drafts, app, t]);
  const settings = useSettings(query);
  const commands = useCommands();

  const found = matching(query, people, (o) => [o.label, o.detail]);
  if (onlyPeople) {
    const each = found.filter((o) => o.personId).slice(0, MOST_PEOPLE);
    return each.map((o) => ({ ...o, group: "people" }));
  }
  return [
    ...found.filter((o) => o.group === "conversations").slice(0, MOST),
    ...(query.trim() ? found.filter((o) => o.group === "people").slice(0, MOST) : []),
    ...settings,
    ...commands.filter((o) => matches(query, o.label, t("palette.commands"))),
  ];
}

/** The pages of the administration and the gears of users, for those who may see them; only when something is looked for. */
function useSettings(query: string): Option[] {
  const { t } = useTranslation();
  const app = useApp();
  const world = useParley((s) => s.world);
  if (!mayConfigure(world) || !query.trim()) return [];
  const pages = findPages(t, query, world).map<Option>((page) => ({
    key: `admin.${page.id}`,
    group: "settings",
    label: t(page.titleKey),
    detail: t(`adminSections.${page.section}`),
    icon: page.icon,
    run: () => app.open({ page: "admin", adminPage: page.id }),
  }));
  const people = maySeeSetup(world) ? colleagues(world) : [];
  const gears = matching(query, people, (u) => [u.displayName, t("palette.gear")])
    .slice(0, MOST)
    .map<Option>((u) => ({
      key: `gear.${u.id}`,
      group: "settings",
      label: u.displayName,
      detail: t("palette.gear"),
      icon: IconSettings,
      run: () =>
        app.open({
          page: "admin",
          adminPage: "agents",
          subjectId: subjectOf({ tab: "agents", open: u.id, panel: "messaging" }),
        }),
    }));
  return [...pages, ...gears];
}

function useCommands(): Option[] {
  const { t } = useTranslation();
  const app = useApp();
  const online = useNet().kind === "online";
  const statuses = useStatusChoices();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { sound, rooms, talking, quiet } = useParley((s) => ({
    sound: s.preferences.sound,
    rooms: hasRooms(s.world),
    talking: conversationOf(s.places.view) !== undefined,
    quiet: isOn(s.world.me?.attention?.doNotDisturb, Date.now()),
  }));
  const command = (key: string, label: string, icon: TablerIcon, run: () => void): Option => ({
    key,
    group: "commands",
    label,
    icon,
    run,
  });
  return [
    command("people", t("list.findPeople"), IconUsers, () => app.open({ page: "people" })),
    ...(rooms
      ? [
          command("rooms", t("rooms.find"), IconUsersGroup, () => app.show("rooms")),
          command("room", t("rooms.new"), IconUsersPlus, () => app.show("newRoom")),
        ]
      : []),
    ...(talking ? [command("date", t("date.title"), IconCalendarSearch, () => app.show("goToDate"))] : []),
    ...(mayAttach() ? [command("attach", t("files.attach"), IconPaperclip, chooseFiles)] : []),
    ...(colorScheme === "light"
      ? []
      : [command("light", t("palette.themeLight"), IconSun, () => setColorScheme("light"))]),
    ...(colorScheme === "dark"
      ? []
      : [command("dark", t("palette.themeDark"), IconMoon, () => setColorScheme("dark"))]),
    ...(colorScheme === "auto"
      ? []
      : [command("system", t("palette.themeSystem"), IconDeviceDesktop, () => setColorScheme("auto"))]),
    command("sound", t(sound ? "palette.soundOff" : "palette.soundOn"), IconVolume, () =>
      app.setPreferences({ sound: !sound }),
    ),
    ...(online ? statuses : [])
      .filter((s) => !s.current)
      .map((s) =>
        command(
          s.key,
          t(s.reason ? "palette.break" : "palette.status", { status: s.label }),
          IconUserCheck,
          () => app.oneself.setStatus(s.state, s.reason),
        ),
      ),
    command("settings", t("settings.title"), IconSettings, () => app.show("settings")),
    command("notifications", t("attention.title"), IconBell, () => app.show("notifications")),
    command("dnd", t(quiet ? "attention.commandOff" : "attention.command"), IconBellOff, () =>
      app.oneself.setAttention({ doNotDisturb: { on: !quiet } }),
    ),
    command("devices", t("devices.title"), IconDevices, () => app.show("devices")),
    command("password", t("password.title"), IconKey, () => app.show("password")),
    command("factor", t("factor.title"), IconShieldLock, () => app.show("secondFactor")),
    command("help", t("nav.shortcuts"), IconKeyboard, () => app.show("shortcuts")),
    command("out", t("status.signOut"), IconLogout, () => void app.askSignOut()),
    ...(app.shell.quit ? [command("quit", t("status.quit"), IconPower, () => app.shell.quit?.())] : []),
  ];
}
