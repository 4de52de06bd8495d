import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { Button, LinkButton } from "../../ui/base/parts";
import { useNet } from "../../ui/context";
import a from "../admin.module.css";
import type { Counts } from "./Outcomes";
import c from "./transfer.module.css";
import type { ImportState } from "./userImport";

function Note({ tone, children }: { tone?: "red" | "quiet"; children: ReactNode }) {
  return (
    <div className={a.note} data-tone={tone} role="alert">
      <IconAlertTriangle size={16} stroke={1.7} aria-hidden />
      <div>{children}</div>
    </div>
  );
}

/** Why a file cannot be read, or could not be checked to its end. */
export function FileProblem({ state, onAgain }: { state: ImportState; onAgain: () => void }) {
  const { t } = useTranslation();
  const { fault, failure, phase } = state;
  if (fault) {
    return <Note tone="red">{t(`transfer.fault.${fault.kind}`, { ...fault })}</Note>;
  }
  if (phase !== "checked" || !failure) return null;
  return (
    <Note tone="red">
      <p>{failure.code === "offline" ? t("transfer.checkBroken") : failure.text}</p>
      <LinkButton onClick={onAgain}>{t("transfer.checkAgain")}</LinkButton>
    </Note>
  );
}

/** How far the check or the import is. */
export function Progress({ state, onStop }: { state: ImportState; onStop: () => void }) {
  const { t } = useTranslation();
  const { phase, done, total } = state;
  const key = phase === "importing" ? "importing" : "checking";
  return (
    <div className={c.progress}>
      <progress max={total} value={done} aria-label={t(`transfer.${key}Title`)} />
      <span role="status" className="num">
        {t(`transfer.${key}`, { done, count: total })}
      </span>
      {phase === "importing" && <Button onClick={onStop}>{t("transfer.stop")}</Button>}
    </div>
  );
}

/** What the import did: all of it, or how much when it stopped, and how one may go on. */
export function Result({ state, counts }: { state: ImportState; counts: Counts }) {
  const { t } = useTranslation();
  const online = useNet().kind === "online";
  const { phase, done, total, failure, unknown, outcomes } = state;
  if (phase === "done") {
    return (
      <div className={c.done} role="status">
        <IconCircleCheck size={16} stroke={1.7} aria-hidden />
        <span>{t("transfer.done", { ...counts })}</span>
      </div>
    );
  }
  if (phase !== "stopped") return null;
  const last = outcomes[done - 1]?.line ?? 0;
  return (
    <Note>
      <p>
        {done > 0 ? t("transfer.stopped", { done, count: total, line: last }) : t("transfer.stoppedAtOnce")}
      </p>
      {unknown && <p>{t("transfer.unknown", unknown)}</p>}
      {failure && failure.code !== "offline" && <p>{failure.text}</p>}
      {!failure && counts.refused > 0 && <p>{t("transfer.refusedMeanwhile")}</p>}
      <p>{t(online || !failure ? "transfer.safe" : "transfer.safeLater")}</p>
    </Note>
  );
}
