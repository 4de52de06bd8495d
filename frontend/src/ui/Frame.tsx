import { IconKeyboard, IconLayoutSidebar, IconSearch, IconX } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useRef } from "react";
import { useTranslation } from "../i18n/useTranslation";
import { mayConfigure, mayWatch } from "../state/administration";
import { conversationOf, type View } from "../state/navigation";
import { IconButton, Keys, Logo } from "./base/parts";
import { Toast, Toasts } from "./base/Toast";
import { loadEditor } from "./composer/parts";
import { useApp, useParley, usePhone, useSlim } from "./context";
import { ConversationPane } from "./conversation/ConversationPane";
import c from "./Frame.module.css";
import { modKey, useShortcuts } from "./keys";
import { Live } from "./Live";
import { ConversationList } from "./list/ConversationList";
import { OfflineBar } from "./OfflineBar";
import Palette, { NewMessage } from "./palette/Palette";
import { PeopleList } from "./people/PeopleList";
import { PersonPage } from "./people/PersonPage";
import { PhoneNav } from "./rail/PhoneNav";
import { Rail } from "./rail/Rail";
import { SettingsMenu } from "./settings/SettingsMenu";
import { TitleBadge } from "./TitleBadge";
import { Tabs } from "./tabs/Tabs";
import { UpdateBar } from "./UpdateBar";
import { Decided } from "./why/Decided";
import { Asks } from "./why/OpenRequests";

const loadAdmin = () => import("../admin/Admin");
const Admin = lazy(loadAdmin);
const Monitoring = lazy(() => import("./monitoring/MonitoringPage"));
const loadDialogs = () => import("./dialogs");
const dialog = (name: keyof Awaited<ReturnType<typeof loadDialogs>>) =>
  lazy(() => loadDialogs().then((all) => ({ default: all[name] })));
const dialogs = {
  // Not loaded on demand: whoever presses its keys goes on typing at once, and that must land in it.
  palette: Palette,
  newMessage: NewMessage,
  shortcuts: dialog("shortcuts"),
  devices: dialog("devices"),
  notifications: dialog("notifications"),
  password: dialog("password"),
  secondFactor: dialog("secondFactor"),
  signOut: dialog("signOut"),
  newRoom: dialog("newRoom"),
  rooms: dialog("rooms"),
  roomSettings: dialog("roomSettings"),
  roomMembers: dialog("roomMembers"),
  invite: dialog("invite"),
  leaveRoom: dialog("leaveRoom"),
  goToDate: dialog("goToDate"),
  deleteMessage: dialog("deleteMessage"),
  versions: dialog("versions"),
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
    void loadDialogs();
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
      <Bars />
      <Rail folded={!railOpen} />
      <main className={c.main}>
        <Work />
      </main>
      <Toasts>
        <Notice />
        <Decided />
      </Toasts>
      <Asks />
      <Live />
      <TitleBadge />
      <OpenDialog />
    </div>
  );
}

/** What is to be known of connection and page, above everything else. */
function Bars() {
  return (
    <div className={c.bars}>
      <OfflineBar />
      <UpdateBar />
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
      <Bars />
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
      <Toasts>
        <Notice />
        <Decided />
      </Toasts>
      <Asks />
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

const NOTICE_MS = 8_000;

/** What could not be done, for a moment. */
function Notice() {
  const { t } = useTranslation();
  const app = useApp();
  const notice = useParley((s) => s.notice);
  if (!notice) return null;
  return (
    <Toast of={notice} ms={NOTICE_MS} role="alert" className={c.notice} onGone={() => app.dismissNotice()}>
      {notice.code === "offline" ? t("notice.offline") : notice.text}
      <IconButton icon={IconX} iconSize={16} label={t("notice.close")} onClick={() => app.dismissNotice()} />
    </Toast>
  );
}
