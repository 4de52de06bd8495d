import { IconAlertCircle } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Trial as Told } from "../../shell/shell";
import { Avatar } from "../base/Avatar";
import { Button } from "../base/parts";
import { useApp } from "../context";
import c from "./signin.module.css";

/** For whoever has no server yet: starts one with an invented organisation on this computer, and offers whom one may be there. */
export function Trial({ onChoose }: { onChoose: (server: string, name: string, password: string) => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const [start, setStart] = useState<(() => Promise<Told>) | null>(null);
  const [told, setTold] = useState<Told | null>(null);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");
  useEffect(() => {
    void app.shell.trial().then((trial) => setStart(() => trial));
  }, [app]);
  if (!start) return null;

  const begin = async () => {
    if (busy) return;
    setBusy(true);
    setFailed("");
    try {
      setTold(await start());
    } catch (e) {
      setFailed(String(e instanceof Error ? e.message : e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className={c.trial} aria-label={t("trial.title")}>
      {!told && (
        <>
          <p>{t("trial.text")}</p>
          <Button size="lg" aria-disabled={busy} onClick={() => void begin()}>
            {t(busy ? "trial.busy" : "trial.title")}
          </Button>
        </>
      )}
      <div role="status">{busy && <progress aria-label={t("trial.busy")} />}</div>
      {failed && (
        <div className={c.error} role="alert">
          <IconAlertCircle size={16} stroke={1.7} aria-hidden />
          <span>
            {t("trial.failed")} {failed}
          </span>
        </div>
      )}
      {told && (
        <>
          <p role="status">{t("trial.choose")}</p>
          <ul>
            {told.people.map((p, i) => (
              <li key={p.name}>
                <button
                  type="button"
                  ref={i === 0 ? focusNow : undefined}
                  onClick={() => onChoose(told.url, p.name, p.password)}
                >
                  <Avatar name={p.displayName} />
                  <b className="cut">{p.displayName}</b>
                  <span>{t(`role.${p.role}`)}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** The button that was pressed is gone, and whoever pressed it by key goes on here. */
function focusNow(button: HTMLButtonElement | null): void {
  button?.focus();
}
