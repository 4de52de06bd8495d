import { IconAlertTriangle } from "@tabler/icons-react";
import { type ReactNode, useEffect, useId, useState } from "react";
import { clock, exact, since } from "../i18n/times";
import { useTranslation } from "../i18n/useTranslation";
import { RequestError } from "../peer/peer";
import type { AuditEntry, CommandArgs, CommandName, Failure } from "../protocol";
import { Switch } from "../ui/base/controls";
import { Button } from "../ui/base/parts";
import { useApp, useNet } from "../ui/context";
import c from "./admin.module.css";
import { WhatChanges } from "./why/WhatChanges";

/** The head of a page of the administration: its title, what it is for, and what one may do with the whole of it. */
export function PageHead({ title, text, children }: { title: string; text?: string; children?: ReactNode }) {
  return (
    <header className={c.head}>
      <div>
        <h1>{title}</h1>
        {text && <p>{text}</p>}
      </div>
      {children && <div className={c.headEnd}>{children}</div>}
    </header>
  );
}

/** A setting that is on or off, with what that means. */
export function SwitchSetting({
  title,
  text,
  on,
  disabled,
  onChange,
  children,
}: {
  title: string;
  text: string;
  on: boolean;
  disabled?: boolean;
  onChange: () => void;
  /** Further settings that belong to it. */
  children?: ReactNode;
}) {
  const id = useId();
  return (
    <section className={c.setting} aria-labelledby={id}>
      <div className={c.settingHead}>
        <div>
          <h2 id={id}>{title}</h2>
          <p id={`${id}-t`}>{text}</p>
        </div>
        <Switch labelledBy={id} describedBy={`${id}-t`} on={on} disabled={disabled} onChange={onChange} />
      </div>
      {children}
    </section>
  );
}

/** A command that configures, as it would be given. */
export type ConfigureChange = {
  [C in CommandName]: { do: C; args: CommandArgs[C] };
}[CommandName];

/** Gives commands that configure, one after the other, and keeps what went wrong. */
export function useSaving(): {
  busy: boolean;
  failure: Failure | null;
  save: (change: ConfigureChange) => Promise<boolean>;
} {
  const { administration } = useApp();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const save = async (change: ConfigureChange) => {
    if (busy) return false;
    setBusy(true);
    setFailure(null);
    try {
      await administration.give(change.do, change.args);
      return true;
    } catch (e) {
      if (!(e instanceof RequestError)) throw e;
      setFailure(e.failure);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, failure, save };
}

/**
 * What the last saving did, for the foot of the form; gone as soon as something else is changed. `say` it after the edit has
 * ended; without words it says when it was saved.
 */
export function useSaid(dirty: boolean): { said: string; say: (words?: string) => void } {
  const { t } = useTranslation();
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (dirty) setSaid("");
  }, [dirty]);
  return { said, say: (words) => setSaid(words ?? t("admin.saved", { time: clock(Date.now()) })) };
}

/** Says what went wrong with saving, for people. */
export function useFailureText(): (failure: Failure) => string {
  const { t } = useTranslation();
  return ({ code, text }) =>
    code === "conflict" || code === "offline" || code === "unknown" ? t(`admin.failed.${code}`) : text;
}

/** What went wrong with saving. */
export function SaveFailure({ failure }: { failure: Failure | null }) {
  const textOf = useFailureText();
  if (!failure) return null;
  return (
    <div className={c.note} data-tone="red" role="alert">
      <IconAlertTriangle size={16} stroke={1.7} aria-hidden />
      <span>{textOf(failure)}</span>
    </div>
  );
}

/** Says what somebody else has changed while one was changing the same thing, and asks how to go on. */
export function Meanwhile({
  by,
  changes,
  clash,
  onKeep,
}: {
  /** The change itself, if it was told. */
  by: AuditEntry | null;
  /** A line for each field that was changed: what it is now. */
  changes: { key: string; field: string; now: string }[];
  /** Whether one has changed the same fields oneself. */
  clash: boolean;
  onKeep: (which: "mine" | "theirs") => void;
}) {
  const { t } = useTranslation();
  if (changes.length === 0) return null;
  return (
    <div className={c.note} role="alert">
      <IconAlertTriangle size={16} stroke={1.7} aria-hidden />
      <div>
        {by && (
          <p title={exact(by.at)}>
            {t("admin.meanwhile.by", {
              name: by.byId === "console" ? t("audit.console") : by.byName,
              at: since(by.at, Date.now()),
            })}
          </p>
        )}
        <p>{t(clash ? "admin.meanwhile.clash" : "admin.meanwhile.beside")}</p>
        <ul>
          {changes.map(({ key, field, now }) => (
            <li key={key}>{t("admin.meanwhile.line", { field, now })}</li>
          ))}
        </ul>
        <div className={c.noteEnd}>
          {clash && (
            <Button size="sm" onClick={() => onKeep("theirs")}>
              {t("admin.meanwhile.theirs")}
            </Button>
          )}
          <Button size="sm" onClick={() => onKeep("mine")}>
            {t(clash ? "admin.meanwhile.mine" : "admin.meanwhile.goOn")}
          </Button>
        </div>
      </div>
    </div>
  );
}

/**
 * The foot of a form: what saving would do, or has just done, and the buttons. Nothing changes until one of them is pressed
 * (IM-18). Where a change may wait for the next sign-in (IM-19) there are two, which say when; elsewhere there is Save, at once.
 * What the change means for people ("What changes") stands above the buttons, of the commands in `changes`.
 */
export function SaveBar({
  action,
  note,
  said,
  changes,
  blocked,
  busy,
  dirty,
  onCancel,
  onUpdate,
  onApplyNow,
}: {
  /** What the button is called if it is not Save. */
  action?: string;
  /** What saving would do, or why it cannot be done. */
  note: string;
  /** What the last saving did; shown until something else is changed. */
  said?: string;
  changes?: ConfigureChange[];
  /** Something must be decided first; the note says what. */
  blocked?: boolean;
  busy: boolean;
  dirty: boolean;
  onCancel: () => void;
  onUpdate: () => void;
  /** Where `onUpdate` waits for the next sign-in: saves and puts it in force at once (IM-19). */
  onApplyNow?: () => void;
}) {
  const { t } = useTranslation();
  const online = useNet().kind === "online";
  const off = !online || busy || blocked || !dirty;
  return (
    <footer className={c.save}>
      {changes && changes.length > 0 && (
        <div className={c.saveChanges}>
          <WhatChanges changes={changes} />
        </div>
      )}
      <div className={c.saveLine}>
        <p role="status">{online ? (!dirty && said) || note : t("admin.offline")}</p>
        <Button kind="ghost" aria-disabled={!dirty || busy} onClick={() => dirty && !busy && onCancel()}>
          {t("admin.cancel")}
        </Button>
        {onApplyNow && (
          <Button aria-disabled={off} onClick={() => !off && onApplyNow()}>
            {t("admin.applyNow")}
          </Button>
        )}
        <Button kind="primary" aria-disabled={off} onClick={() => !off && onUpdate()}>
          {action ?? t(onApplyNow ? "admin.atSignIn" : "admin.save")}
        </Button>
      </div>
    </footer>
  );
}
