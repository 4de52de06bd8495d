import { IconKeyboard, IconLayoutSidebar, IconSearch, IconX } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useState } from "react";

import { useTranslation } from "react-i18next";
import { conversationOf } from "../state/navigation";
import { IconButton, Keys, Logo } from "./base/parts";
import { loadEditor } from "./composer/Composer";
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

const loadPalette = () => import("./palette/Palette");
const loadShortcuts = () => import("./settings/Shortcuts");
const Palette = lazy(loadPalette);
const Shortcuts = lazy(loadShortcuts);

/** The window of somebody who is signed in. */
export function Frame() {
  const { t } = useTranslation();
  const app = useApp();
  const phone = usePhone();
  const slim = useSlim();
  const railOpen = useParley((s) => s.preferences.railOpen) && !slim;
  const [dialog, setDialog] = useState<"palette" | "shortcuts" | null>(null);
  useShortcuts({
    palette: () => setDialog("palette"),
    help: () => setDialog("shortcuts"),
  });
  // Not needed for the first sight, but there before they are asked for: keys typed meanwhile would go astray.
  useEffect(() => {
    void loadPalette();
    void loadShortcuts();
    void loadEditor();
  }, []);
  const dialogs = (
    <Suspense fallback={null}>
      {dialog === "palette" && (
        <Palette onClose={() => setDialog(null)} onHelp={() => setDialog("shortcuts")} />
      )}
      {dialog === "shortcuts" && <Shortcuts onClose={() => setDialog(null)} />}
    </Suspense>
  );
  if (phone) return <PhoneFrame onSearch={() => setDialog("palette")} dialogs={dialogs} />;

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
            onClick={() => setDialog("palette")}
          >
            <IconSearch size={16} stroke={1.7} aria-hidden />
            <span>{t("nav.goTo")}</span>
            <Keys keys={`${modKey} K`} />
          </button>
          <IconButton icon={IconKeyboard} label={t("nav.shortcuts")} onClick={() => setDialog("shortcuts")} />
          <SettingsMenu />
        </div>
      </section>
      <OfflineBar />
      <Rail folded={!railOpen} />
      <main className={c.main}>
        <Work onSearch={() => setDialog("palette")} />
      </main>
      <Notice />
      <Live />
      <TitleBadge />
      {dialogs}
    </div>
  );
}

/** List and what is chosen in it, side by side. */
function Work({ onSearch }: { onSearch: () => void }) {
  const view = useParley((s) => s.places.view);
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
      <ConversationList selected={view.conversationId} onSearch={onSearch} />
      <ConversationPane id={view.conversationId} />
    </div>
  );
}

/** On a phone one thing at a time: a list with the menu below, or what was chosen in it. */
function PhoneFrame({ onSearch, dialogs }: { onSearch: () => void; dialogs: React.ReactNode }) {
  const view = useParley((s) => s.places.view);
  const chosen = view.page === "people" ? view.userId : conversationOf(view);
  return (
    <div className={c.frame}>
      <OfflineBar />
      <main className={c.main}>
        {view.page === "people" ? (
          chosen ? (
            <PersonPage userId={view.userId} />
          ) : (
            <PeopleList userId={undefined} teamId={view.teamId} />
          )
        ) : chosen ? (
          <ConversationPane id={chosen} />
        ) : (
          <ConversationList selected={undefined} onSearch={onSearch} />
        )}
      </main>
      {!chosen && <PhoneNav />}
      <Notice />
      <Live />
      <TitleBadge />
      {dialogs}
    </div>
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
