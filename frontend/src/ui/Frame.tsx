import { IconKeyboard, IconLayoutSidebar, IconSearch, IconX } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useRef } from "react";
import { useTranslation } from "../i18n/useTranslation";
import { mayConfigure, mayWatch } from "../state/administration";
import { conversationOf, type View } from "../state/navigation";
import { IconButton, Keys, Logo } from "./base/parts";
import { loadEditor } from "./composer/parts";
import { useApp, useParley, usePhone, useSlim } from "./context";
import { ConversationPane } from "./conversation/ConversationPane";
import c from "./Frame.module.css";
import { modKey, useShortcuts } from "./keys";
import { Live } from "./Live";
import { ConversationList } from "./list/ConversationList";
import { OfflineBar } from "./OfflineBar";
import { PeopleList } from "./people/PeopleList";
import { PersonPage } from "./people/PersonPage";
import { PhoneNav } from "./rail/PhoneNav";
import { Rail } from "./rail/Rail";
import { SettingsMenu } from "./settings/SettingsMenu";
import { TitleBadge } from "./TitleBadge";
import { Tabs } from "./tabs/Tabs";
import { Decided } from "./why/Decided";

const loadAdmin = () => import("../admin/Admin");
const Admin = lazy(loadAdmin);
const Monitoring = lazy(() => import("./monitoring/MonitoringPage"));
const loadDialogs = {
  palette: () => import("./palette/Palette"),
  shortcuts: () => import("./settings/Shortcuts"),
  devices: () => import("./settings/Devices"),
  notifications: () => import("./settings/Notifications"),
  password: () => import("./settings/Password"),
  signOut: () => import("./settings/SignOut"),
  newRoom: () => import("./rooms/NewRoom"),
  invite: () => import("./rooms/Invite"),
  leaveRoom: () => import("./rooms/LeaveRoom"),
  goToDate: () => import("./conversation/GoToDate"),
  deleteMessage: () => import("./conversation/DeleteMessage"),
  versions: () => import("./conversation/Versions"),
};
const dialogs = {
  palette: lazy(loadDialogs.palette),
  shortcuts: lazy(loadDialogs.shortcuts),
  devices: lazy(loadDialogs.devices),
  notifications: lazy(loadDialogs.notifications),
  password: lazy(loadDialogs.password),
  signOut: lazy(loadDialogs.signOut),
  newRoom: lazy(loadDialogs.newRoom),
  invite: lazy(loadDialogs.invite),
  leaveRoom: lazy(loadDialogs.leaveRoom),
  goToDate: lazy(loadDialogs.goToDate),
  deleteMessage: lazy(loadDialogs.deleteMessage),
  versions: lazy(loadDialogs.versions),
};

/** The window of somebody who is signed in. */
export function Frame() {
  const { t } = useTranslation();
  const app = useApp();
  const phone = usePhone();
  const slim = useSlim();
  const railOpen = useParley((s) => s.preferences.railOpen) && !slim;
  useShortcuts();
  // Not needed for the first sight, but there before they are asked for: keys typed meanwhile would go astray.
  useEffect(() => {
    for (const load of Object.values(loadDialogs)) void load();
    void loadEditor();
  }, []);
  if (phone) return <PhoneFrame />;

  return (
    <div className={c.frame} data-folded={!railOpen || undefined}>
      <a className={c.skip} href="#conversation">
        {t("app.skip")}
      </a>
      <header className={c.brand}>
        <Logo />
        {railOpen && <span>{t("app.name")}</span>}
        {railOpen && (
          <IconButton
            icon={IconLayoutSidebar}
            iconSize={16}
            label={t("nav.fold")}
            onClick={() => app.setPreferences({ railOpen: false })}
          />
        )}
      </header>
      <section className={c.top} aria-label={t("nav.top")}>
        {!railOpen && !slim && (
          <IconButton
            icon={IconLayoutSidebar}
            iconSize={16}
            className={c.unfold}
            label={t("nav.unfold")}
            onClick={() => app.setPreferences({ railOpen: true })}
          />
        )}
        <Tabs />
        <div className={c.end}>
          <button
            type="button"
            className={c.goTo}
            aria-label={t("palette.label")}
            onClick={() => app.show("palette")}
          >
            <IconSearch size={16} stroke={1.7} aria-hidden />
            <span>{t("nav.goTo")}</span>
            <Keys keys={`${modKey} K`} />
          </button>
          <IconButton icon={IconKeyboard} label={t("nav.shortcuts")} onClick={() => app.show("shortcuts")} />
          <SettingsMenu />
        </div>
      </section>
      <OfflineBar />
      <Rail folded={!railOpen} />
      <main className={c.main}>
        <Work />
      </main>
      <Notice />
      <Decided />
      <Live />
      <TitleBadge />
      <OpenDialog />
    </div>
  );
}

/** What fills the window; who may not configure, or watch, (any more) sees nothing of the administration, or of others. */
function useView(): View {
  return useParley((s) => {
    const { view } = s.places;
    const hidden =
      (view.page === "admin" && !mayConfigure(s.world)) || (view.page === "monitoring" && !mayWatch(s.world));
    return hidden ? elsewhere : view;
  });
}
const elsewhere: View = { page: "conversations" };

function Administration({ view }: { view: View & { page: "admin" } }) {
  return (
    <Suspense fallback={null}>
      <Admin adminPage={view.adminPage} subjectId={view.subjectId} />
    </Suspense>
  );
}

function Watching() {
  return (
    <Suspense fallback={null}>
      <Monitoring />
    </Suspense>
  );
}

/** List and what is chosen in it, side by side. */
function Work() {
  const view = useView();
  if (view.page === "admin") return <Administration view={view} />;
  if (view.page === "monitoring") return <Watching />;
  if (view.page === "people") {
    return (
      <div className={c.work}>
        <PeopleList userId={view.userId} teamId={view.teamId} />
        <div className={c.pane} id="conversation" tabIndex={-1}>
          <PersonPage userId={view.userId} />
        </div>
      </div>
    );
  }
  return (
    <div className={c.work}>
      <ConversationList selected={view.conversationId} />
      <ConversationPane id={view.conversationId} />
    </div>
  );
}

/** On a phone one thing at a time: a list with the menu below, or what was chosen in it. */
function PhoneFrame() {
  const view = useView();
  const chosen =
    view.page === "people" ? view.userId : view.page === "admin" ? view.adminPage : conversationOf(view);
  return (
    <div className={c.frame}>
      <OfflineBar />
      <main className={c.main}>
        {view.page === "admin" ? (
          <Administration view={view} />
        ) : view.page === "monitoring" ? (
          <Watching />
        ) : view.page === "people" ? (
          chosen ? (
            <PersonPage userId={view.userId} />
          ) : (
            <PeopleList userId={undefined} teamId={view.teamId} />
          )
        ) : chosen ? (
          <ConversationPane id={chosen} />
        ) : (
          <ConversationList selected={undefined} />
        )}
      </main>
      {!chosen && <PhoneNav />}
      <Notice />
      <Decided />
      <Live />
      <TitleBadge />
      <OpenDialog />
    </div>
  );
}

/** The dialog that was asked for, over everything else. */
function OpenDialog() {
  const app = useApp();
  const dialog = useParley((s) => s.dialog);
  const opener = useRef<Element | null>(null);
  useEffect(
    () =>
      app.store.subscribe((now, before) => {
        if (now.dialog && !before.dialog) opener.current = document.activeElement;
      }),
    [app],
  );
  // Whoever came by keyboard goes on where they were, unless the dialog has led them elsewhere.
  useEffect(() => {
    if (dialog || document.activeElement !== document.body) return;
    if (opener.current instanceof HTMLElement) opener.current.focus({ preventScroll: true });
  }, [dialog]);
  if (!dialog || dialog === "settings") return null; // the settings hang below their button
  const Chosen = dialogs[dialog];
  return (
    <Suspense fallback={null}>
      <Chosen key={dialog} onClose={() => app.show(null)} />
    </Suspense>
  );
}

/** What could not be done, for a moment. */
function Notice() {
  const { t } = useTranslation();
  const app = useApp();
  const notice = useParley((s) => s.notice);
  if (!notice) return null;
  return (
    <div className={c.notice} role="alert">
      {notice.code === "offline" ? t("notice.offline") : notice.text}
      <IconButton icon={IconX} iconSize={16} label={t("notice.close")} onClick={() => app.dismissNotice()} />
    </div>
  );
}
