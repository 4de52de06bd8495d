import { IconAlertCircle, IconCheck, IconClock, IconServer2 } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { RequestError } from "../../peer/peer";
import type { Failure } from "../../protocol";
import type { Credentials } from "../../state/account";
import { Field, focusField, PasswordField } from "../base/Field";
import { Button, Logo } from "../base/parts";
import { useApp } from "../context";
import talk from "../conversation/conversation.module.css";
import { LanguageChoice } from "../settings/LanguageChoice";
import { SecondStep } from "./SecondStep";
import { SingleSignOn } from "./SingleSignOn";
import c from "./signin.module.css";
import { Trial } from "./Trial";

const SERVER_KEY = "parley.server";

/** The page is for nothing else, so writing begins at once. */
function focusFirst(input: HTMLInputElement | null): void {
  input?.focus();
}

/** Somebody whose password was right, and of whom a code is asked. */
export interface HalfWay {
  who: Credentials;
  server: string;
  /** How it was asked for: with what an authenticator is set up with, where there is none yet. */
  failure: Failure;
}

/** Signing in: on the desktop with the server's address, in a browser the page's own server is meant. */
export function SignIn() {
  const [halfWay, setHalfWay] = useState<HalfWay | null>(null);
  return (
    <main className={c.page}>
      <div className={c.form}>
        {halfWay ? (
          <SecondStep halfWay={halfWay} onBack={() => setHalfWay(null)} />
        ) : (
          <FirstStep onHalfWay={setHalfWay} />
        )}
      </div>
      <Claim />
    </main>
  );
}

/** Name and password. */
function FirstStep({ onHalfWay }: { onHalfWay: (h: HalfWay) => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const asksServer = app.shell.replica;
  const form = useRef<HTMLFormElement>(null);
  /** The server that was typed and left: not each of its letters is asked. */
  const [server, setServer] = useState(() => localStorage.getItem(SERVER_KEY) ?? "");
  const [missing, setMissing] = useState<string[]>([]);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const errorOf = (name: string) => (missing.includes(name) ? t("signIn.missing") : undefined);

  useEffect(() => {
    void app.shell.server().then((address) => {
      const input = form.current?.querySelector<HTMLInputElement>("[name=server]");
      if (input && !input.value) {
        input.value = address;
        setServer(address);
      }
    });
  }, [app]);

  const submit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    if (busy) return;
    const data = new FormData(e.currentTarget);
    const value = (name: string) => String(data.get(name) ?? "");
    const needed = asksServer ? ["server", "name", "password"] : ["name", "password"];
    const empty = needed.filter((name) => !value(name).trim());
    setMissing(empty);
    setFailure(null);
    if (empty.length > 0) return focusField(form.current, empty[0]);
    await signIn({ name: value("name").trim(), password: value("password") }, value("server").trim());
  };

  const signIn = async (who: Credentials, server: string) => {
    setBusy(true);
    try {
      await app.signIn(who, server);
      if (asksServer) localStorage.setItem(SERVER_KEY, server);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      const { failure } = error;
      if (failure.code === "secondFactor" || failure.code === "enrol") {
        if (asksServer) localStorage.setItem(SERVER_KEY, server);
        return onHalfWay({ who, server, failure });
      }
      setFailure(failure);
      form.current?.querySelector<HTMLInputElement>("[name=password]")?.select();
    } finally {
      setBusy(false);
    }
  };

  return (
    <form ref={form} onSubmit={(e) => void submit(e)} noValidate>
      <div className={c.brand}>
        <Logo size={28} />
        {t("app.name")}
      </div>
      <h1>{t("signIn.title")}</h1>
      {asksServer && (
        <Field name="server" label={t("signIn.server")} error={errorOf("server")}>
          {(props) => (
            <>
              <IconServer2 size={16} stroke={1.7} aria-hidden />
              <input
                {...props}
                inputMode="url"
                autoComplete="url"
                placeholder="parley.example.com"
                onBlur={(e) => setServer(e.currentTarget.value.trim())}
                defaultValue={localStorage.getItem(SERVER_KEY) ?? ""}
              />
            </>
          )}
        </Field>
      )}
      <Field name="name" label={t("signIn.name")} error={errorOf("name")}>
        {(props) => (
          <input
            {...props}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            ref={focusFirst}
          />
        )}
      </Field>
      <PasswordField
        name="password"
        label={t("signIn.password")}
        error={errorOf("password")}
        autoComplete="current-password"
      />
      {failure && (
        <div className={c.error} role="alert">
          <IconAlertCircle size={16} stroke={1.7} aria-hidden />
          {wordsFor(failure, t)}
        </div>
      )}
      <Button kind="primary" size="lg" type="submit" aria-disabled={busy}>
        {t(busy ? "signIn.busy" : "signIn.submit")}
      </Button>
      <SingleSignOn server={server} />
      <Trial onChoose={(server, name, password) => void signIn({ name, password }, server)} />
      <LanguageChoice />
    </form>
  );
}

/** What went wrong, in the page's language where it knows the words. */
export function wordsFor(failure: Failure, t: TFunction): string {
  if (failure.code === "denied") return t("signIn.wrong");
  if (failure.code === "busy" && failure.retryAfterMs) {
    return t("signIn.tooMany", { count: Math.ceil(failure.retryAfterMs / 1000) });
  }
  return failure.text;
}

/** What Parley promises, with a made-up conversation that shows it. */
function Claim() {
  const { t } = useTranslation();
  const app = useApp();
  return (
    <div className={c.view}>
      <p className={c.claim}>{t("signIn.claim")}</p>
      <p className={c.claimText}>{t(app.shell.replica ? "signIn.claimTextReplica" : "signIn.claimText")}</p>
      <div className={c.demo} aria-hidden="true">
        <div className={talk.message}>
          <div className={talk.who}>{t("signIn.demoName")}</div>
          <DemoBubble text={t("signIn.demo1")} time="10:09" />
        </div>
        <div className={talk.message} data-mine>
          <DemoBubble text={t("signIn.demo2")} time="10:11" state="posted" />
        </div>
        <div className={talk.message} data-mine>
          <DemoBubble text={t("signIn.demo3")} time="10:12" state="refused" />
          <div className={talk.whyLine}>
            <span>{t("signIn.demo3Why")}</span>
            <span className={c.why}>{t("why.why")}</span>
          </div>
        </div>
        <div className={talk.message} data-mine>
          <DemoBubble text={t("signIn.demo4")} time="10:12" state="waiting" />
        </div>
      </div>
    </div>
  );
}

function DemoBubble({
  text,
  time,
  state,
}: {
  text: string;
  time: string;
  state?: "posted" | "refused" | "waiting";
}) {
  const Icon = state && { posted: IconCheck, refused: IconAlertCircle, waiting: IconClock }[state];
  return (
    <div className={talk.bubble} data-state={state}>
      {text}
      <span className={`${talk.sign} num`} data-state={state}>
        {time}
        {Icon && <Icon size={14} stroke={1.7} />}
      </span>
    </div>
  );
}
