import { useTranslation } from "../../i18n/useTranslation";
import { unsentOf } from "../../state/select";
import { Dialog } from "../base/Dialog";
import { Button } from "../base/parts";
import { useApp, useParley } from "../context";
import c from "./account.module.css";

/** Asks before signing out takes away what was not sent. */
export default function SignOut({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const { messages, drafts } = useParley((s) => unsentOf(s.world, s.own, s.drafts, app.shell.replica, s.net));
  const clear = messages + drafts === 0;
  return (
    <Dialog title={t("signOut.title")} width={420} onClose={onClose}>
      <div className={c.dialog}>
        <div role="status">
          {clear && <p>{t("signOut.clear")}</p>}
          {messages > 0 && <p>{t("signOut.messages", { count: messages })}</p>}
          {drafts > 0 && <p>{t("signOut.drafts", { count: drafts })}</p>}
        </div>
        {!clear && <p className={c.quiet}>{t(app.shell.replica ? "signOut.text" : "signOut.textBrowser")}</p>}
        <div className={c.foot}>
          <Button kind={clear ? "default" : "primary"} data-autofocus onClick={onClose}>
            {t("signOut.stay")}
          </Button>
          <Button
            kind={clear ? "primary" : "default"}
            onClick={() => {
              onClose();
              void app.signOut();
            }}
          >
            {t(clear ? "status.signOut" : "signOut.leave")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
