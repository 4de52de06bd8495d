import { useId } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { Switch } from "../base/controls";
import { useApp, useParley } from "../context";
import a from "./account.module.css";
import c from "./notifications.module.css";

/** Whether this device tells of messages also while no page is open; and if that cannot be, why, and what to do. */
export function PushSwitch({ disabled }: { disabled: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const { push, text } = useParley((s) => ({ push: s.push, text: s.world.organisation?.pushText ?? false }));
  const id = useId();
  const on = push === "on";
  const cannot = push === "unsupported" || push === "insecure" || push === "install" || push === "notOffered";
  return (
    <>
      <div className={c.line}>
        <span id={id}>{t("push.switch")}</span>
        <Switch
          labelledBy={id}
          describedBy={`${id}-t`}
          on={on}
          disabled={disabled || cannot || push === "asking"}
          onChange={() => void app.setPush(!on)}
        />
      </div>
      <p id={`${id}-t`} className={a.quiet} role="status">
        {t(on ? (text ? "push.states.onText" : "push.states.on") : `push.states.${push}`)}
      </p>
    </>
  );
}
