import { IconAlertCircle, IconCloudOff, IconShieldCheck, IconShieldOff } from "@tabler/icons-react";
import { type FormEvent, type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { exact } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import { RequestError } from "../../peer/peer";
import type { Enrolment, FactorState, Failure } from "../../protocol";
import { Dialog } from "../base/Dialog";
import { focusField, PasswordField } from "../base/Field";
import { Button } from "../base/parts";
import { useApp, useNet, useParley } from "../context";
import { CodeField } from "../factor/CodeField";
import { RecoveryCodes } from "../factor/RecoveryCodes";
import { SetUp } from "../factor/SetUp";
import c from "./account.module.css";
import { Note } from "./Devices";

/** Where one is in the dialog. */
type Step =
  | { kind: "state" }
  | { kind: "password" }
  | { kind: "setUp"; enrolment: Enrolment }
  | { kind: "renew" }
  | { kind: "disable" }
  | { kind: "codes"; codes: string[] };

/** One's own second factor: on or off, another authenticator, new recovery codes. */
export default function SecondFactor({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [step, setStep] = useState<Step>({ kind: "state" });
  const back = () => setStep({ kind: "state" });
  const codes = (shown: string[]) => setStep({ kind: "codes", codes: shown });
  return (
    <Dialog title={t("factor.title")} width={460} onClose={onClose}>
      {step.kind === "state" && <State onStep={setStep} />}
      {step.kind === "password" && (
        <AskPassword onBack={back} onDone={(enrolment) => setStep({ kind: "setUp", enrolment })} />
      )}
      {step.kind === "setUp" && <Confirm enrolment={step.enrolment} onBack={back} onDone={codes} />}
      {step.kind === "renew" && <Renew onBack={back} onDone={codes} />}
      {step.kind === "disable" && <Disable onBack={back} />}
      {step.kind === "codes" && (
        <div className={c.dialog}>
          <RecoveryCodes codes={step.codes} onDone={back} />
        </div>
      )}
    </Dialog>
  );
}

function State({ onStep }: { onStep: (step: Step) => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const online = useNet().kind === "online";
  const [state, setState] = useState<FactorState | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    if (!online) return;
    let gone = false;
    app.oneself
      .factor()
      .then((told) => !gone && setState(told))
      .catch((e: unknown) => {
        if (!(e instanceof RequestError)) throw e;
        if (!gone) setFailure(e.failure);
      });
    return () => {
      gone = true;
    };
  }, [app, online]);
  if (!state) {
    return (
      <div className={c.dialog}>
        {failure ? <Failed failure={failure} /> : online ? <p>{t("factor.loading")}</p> : <Offline />}
      </div>
    );
  }
  const Icon = state.on ? IconShieldCheck : IconShieldOff;
  return (
    <div className={c.dialog}>
      <p className={c.quiet}>{t("factor.intro")}</p>
      <Note icon={<Icon size={16} stroke={1.7} aria-hidden />} tone={state.on ? "green" : undefined}>
        {state.on
          ? t("factor.isOn", { time: exact(state.onAt ?? 0) })
          : t(state.required ? "factor.isDue" : "factor.isOff")}
      </Note>
      {state.on && <p className={c.quiet}>{t("factor.left", { count: state.recovery })}</p>}
      {state.on && state.required && <p className={c.quiet}>{t("factor.required")}</p>}
      {!online && <Offline />}
      <div className={c.foot}>
        {state.on && !state.required && (
          <Button kind="ghost" aria-disabled={!online} onClick={() => online && onStep({ kind: "disable" })}>
            {t("factor.disable")}
          </Button>
        )}
        {state.on && (
          <Button aria-disabled={!online} onClick={() => online && onStep({ kind: "renew" })}>
            {t("factor.renew")}
          </Button>
        )}
        <Button
          kind={state.on ? "default" : "primary"}
          data-autofocus
          aria-disabled={!online}
          onClick={() => online && onStep({ kind: "password" })}
        >
          {t(state.on ? "factor.replace" : "factor.enable")}
        </Button>
      </div>
    </div>
  );
}

/** A form of one field, which asks the hub. */
function Ask({
  field,
  intro,
  submit,
  ask,
  onBack,
  children,
}: {
  field: "password" | "code";
  intro?: string;
  submit: string;
  /** @throws RequestError, `denied` if what was typed is wrong. */
  ask: (typed: string) => Promise<void>;
  onBack: () => void;
  children: (error: string | undefined) => ReactNode;
}) {
  const { t } = useTranslation();
  const online = useNet().kind === "online";
  const form = useRef<HTMLFormElement>(null);
  const [error, setError] = useState<string>();
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const complain = (text: string) => {
    setError(text);
    focusField(form.current, field);
  };
  const send = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    if (busy || !online) return;
    const typed = String(new FormData(e.currentTarget).get(field) ?? "");
    setFailure(null);
    setError(undefined);
    if (!typed.trim()) return complain(t("signIn.missing"));
    setBusy(true);
    try {
      await ask(typed);
    } catch (e) {
      if (!(e instanceof RequestError)) throw e;
      if (e.failure.code === "denied")
        complain(t(field === "code" ? "factor.wrong" : "factor.wrongPassword"));
      else setFailure(e.failure);
      setBusy(false);
    }
  };
  return (
    <form ref={form} className={c.dialog} onSubmit={(e) => void send(e)} noValidate>
      {intro && <p className={c.quiet}>{intro}</p>}
      {children(error)}
      {failure && <Failed failure={failure} />}
      {!online && <Offline />}
      <div className={c.foot}>
        <Button onClick={onBack}>{t("factor.back")}</Button>
        <Button kind="primary" type="submit" aria-disabled={busy || !online}>
          {submit}
        </Button>
      </div>
    </form>
  );
}

function AskPassword({ onBack, onDone }: { onBack: () => void; onDone: (e: Enrolment) => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const name = useParley((s) => s.world.me?.name ?? "");
  return (
    <Ask
      field="password"
      intro={t("factor.passwordText")}
      submit={t("factor.next")}
      ask={async (password) => onDone(await app.oneself.beginFactor(password))}
      onBack={onBack}
    >
      {(error) => (
        <>
          {/* For password managers. */}
          <input hidden readOnly name="username" autoComplete="username" value={name} />
          <FirstField>
            <PasswordField
              name="password"
              label={t("password.old")}
              error={error}
              autoComplete="current-password"
            />
          </FirstField>
        </>
      )}
    </Ask>
  );
}

/** Puts the focus into the first field below it, when the step before has gone with what had it. */
function FirstField({ children }: { children: ReactNode }) {
  const ref = useCallback((div: HTMLDivElement | null) => div?.querySelector("input")?.focus(), []);
  return <div ref={ref}>{children}</div>;
}

function Confirm({
  enrolment,
  onBack,
  onDone,
}: {
  enrolment: Enrolment;
  onBack: () => void;
  onDone: (codes: string[]) => void;
}) {
  const { t } = useTranslation();
  const app = useApp();
  return (
    <Ask
      field="code"
      submit={t("factor.confirm")}
      ask={async (code) => onDone(await app.oneself.recoveryCodes("factor.confirm", code))}
      onBack={onBack}
    >
      {(error) => (
        <>
          <SetUp enrolment={enrolment} />
          <CodeField error={error} recovery={false} />
        </>
      )}
    </Ask>
  );
}

function Renew({ onBack, onDone }: { onBack: () => void; onDone: (codes: string[]) => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const [recovery, setRecovery] = useState(false);
  return (
    <Ask
      field="code"
      intro={t("factor.renewText")}
      submit={t("factor.renew")}
      ask={async (code) => onDone(await app.oneself.recoveryCodes("factor.renew", code))}
      onBack={onBack}
    >
      {(error) => <CodeField error={error} recovery={recovery} onRecovery={setRecovery} />}
    </Ask>
  );
}

function Disable({ onBack }: { onBack: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const [recovery, setRecovery] = useState(false);
  return (
    <Ask
      field="code"
      intro={t("factor.disableText")}
      submit={t("factor.disable")}
      ask={async (code) => {
        await app.oneself.disableFactor(code);
        onBack();
      }}
      onBack={onBack}
    >
      {(error) => <CodeField error={error} recovery={recovery} onRecovery={setRecovery} />}
    </Ask>
  );
}

function Failed({ failure }: { failure: Failure }) {
  const { t } = useTranslation();
  return (
    <Note tone="red" icon={<IconAlertCircle size={16} stroke={1.7} aria-hidden />}>
      {failure.code === "offline" ? t("factor.lost") : failure.text}
    </Note>
  );
}

function Offline() {
  const { t } = useTranslation();
  return <Note icon={<IconCloudOff size={16} stroke={1.7} aria-hidden />}>{t("factor.offline")}</Note>;
}
