import { IconX } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "../i18n/useTranslation";
import { Dialog } from "../ui/base/Dialog";
import { Button, IconButton } from "../ui/base/parts";
import c from "./drawer.module.css";

/**
 * What is open beside a list: it lies over the page, and the list stays in use. Escape closes it; with changes that are
 * not saved it asks first.
 */
export function Drawer({
  title,
  detail,
  sign,
  unsaved,
  onClose,
  children,
}: {
  title: string;
  detail?: string;
  /** Drawn before the title, for example a face. */
  sign?: ReactNode;
  /** Whether closing would lose changes; they are given up by onClose. */
  unsaved: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const id = useId();
  const head = useRef<HTMLHeadingElement>(null);
  const [asking, setAsking] = useState(false);
  const close = () => (unsaved ? setAsking(true) : onClose());

  // Whoever came by keyboard goes on where they were.
  useEffect(() => {
    const opener = document.activeElement;
    head.current?.focus({ preventScroll: true });
    return () => {
      requestAnimationFrame(() => {
        if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus();
      });
    };
  }, []);

  const onKeyDown = (e: KeyboardEvent) => {
    if (e.key !== "Escape" || e.defaultPrevented || asking) return;
    e.stopPropagation();
    close();
  };
  return (
    <div className={c.drawer} role="dialog" aria-labelledby={id} onKeyDown={onKeyDown}>
      <header className={c.head}>
        {sign}
        <div>
          <h2 id={id} ref={head} tabIndex={-1} className="cut">
            {title}
          </h2>
          {detail && <p className="cut">{detail}</p>}
        </div>
        <IconButton icon={IconX} label={t("admin.close")} onClick={close} />
      </header>
      {children}
      {asking && (
        <Dialog title={t("admin.unsaved.title")} width={420} onClose={() => setAsking(false)}>
          <div className={c.ask}>
            <p>{t("admin.unsaved.text")}</p>
            <div>
              <Button
                onClick={() => {
                  setAsking(false);
                  onClose();
                }}
              >
                {t("admin.unsaved.giveUp")}
              </Button>
              <Button kind="primary" data-autofocus onClick={() => setAsking(false)}>
                {t("admin.unsaved.goOn")}
              </Button>
            </div>
          </div>
        </Dialog>
      )}
    </div>
  );
}

/** The sections of a drawer. */
export function DrawerTabs<T extends string>({
  label,
  value,
  tabs,
  onChange,
}: {
  label: string;
  value: T;
  tabs: { id: T; text: string }[];
  onChange: (tab: T) => void;
}) {
  return (
    <nav className={c.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          aria-current={tab.id === value ? "page" : undefined}
          onClick={() => onChange(tab.id)}
        >
          {tab.text}
        </button>
      ))}
    </nav>
  );
}
