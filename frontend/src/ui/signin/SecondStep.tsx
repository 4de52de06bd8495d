import { IconAlertCircle } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { RequestError } from "../../peer/peer";
import type { Failure } from "../../protocol";
import { Button, LinkButton, Logo } from "../base/parts";
import { useApp } from "../context";
import { CodeField } from "../factor/CodeField";
import { RecoveryCodes } from "../factor/RecoveryCodes";
import { SetUp } from "../factor/SetUp";
import { type HalfWay, wordsFor } from "./SignIn";
import c from "./signin.module.css";

/**
 * The second step of signing in: a code beside the password, which is sent once more with it. Who needs a second factor and has none
 * sets it up here, and is shown the recovery codes before anything else.
 */
export function SecondStep({ halfWay, onBack }: { halfWay: HalfWay; onBack: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const [enrolment, setEnrolment] = useState(halfWay.failure.enrolment);
  const [recovery, setRecovery] = useState(false);
  const [error, setError] = useState<string>();
  const [failure, setFailure] = useState<Failure | null>(null);
  const [codes, setCodes] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);

  const submit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    if (busy) return;
    const form = e.currentTarget;
    const code = String(new FormData(form).get("code") ?? "").trim();
    setFailure(null);
    setError(code ? undefined : t("signIn.missing"));
    const field = form.querySelector<HTMLInputElement>("[name=code]");
    if (!code) return field?.focus();
    setBusy(true);
    try {
      setCodes(await app.signIn({ ...halfWay.who, code }, halfWay.server));
    } catch (e) {
      if (!(e instanceof RequestError)) throw e;
      const asked = e.failure.code === "secondFactor" || e.failure.code === "enrol";
      if (!asked) setFailure(e.failure);
      else {
        // It may have been set up, or taken away, since.
        setEnrolment(e.failure.enrolment);
        setError(t("factor.wrong"));
        field?.select();
      }
    } finally {
      setBusy(false);
    }
  };

  if (codes.length > 0) {
    return (
      <div className={c.step}>
        <Brand />
        <h1>{t("factor.recoveryCodes")}</h1>
        <RecoveryCodes codes={codes} onDone={() => void app.enter()} />
      </div>
    );
  }
  return (
    <form onSubmit={(e) => void submit(e)} noValidate>
      <Brand />
      <h1>{t(enrolment ? "factor.setUp" : "factor.second")}</h1>
      <p className={c.quiet}>
        {t(enrolment ? "factor.setUpText" : "factor.secondText", { name: halfWay.who.name })}
      </p>
      {enrolment && <SetUp enrolment={enrolment} />}
      <CodeField error={error} recovery={recovery} onRecovery={enrolment ? undefined : setRecovery} />
      {failure && (
        <div className={c.error} role="alert">
          <IconAlertCircle size={16} stroke={1.7} aria-hidden />
          {wordsFor(failure, t)}
        </div>
      )}
      <Button kind="primary" size="lg" type="submit" aria-disabled={busy}>
        {t(busy ? "signIn.busy" : "signIn.submit")}
      </Button>
      <LinkButton className={c.back} onClick={onBack}>
        {t("factor.another")}
      </LinkButton>
    </form>
  );
}

function Brand() {
  const { t } = useTranslation();
  return (
    <div className={c.brand}>
      <Logo size={28} />
      {t("app.name")}
    </div>
  );
}
