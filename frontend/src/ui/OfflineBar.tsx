import { IconCloudCheck, IconCloudOff } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "../i18n/useTranslation";
import { waitingCount } from "../state/select";
import { LinkButton } from "./base/parts";
import { useApp, useNet, useNow, useParley } from "./context";
import c from "./Frame.module.css";

const BACK_MS = 2_500;

/**
 * The thin bar that tells the truth about the connection: how many messages wait, where they are kept, and when the
 * next try comes. It never covers what can be read.
 */
export function OfflineBar() {
  const { t } = useTranslation();
  const app = useApp();
  const net = useNet();
  const waiting = useParley((s) => waitingCount(s.world, s.own));
  // A try that is under way keeps the bar, so that nothing jumps with every try.
  const [state, setState] = useState<"hidden" | "offline" | "back">("hidden");
  useEffect(() => {
    if (net.kind === "offline") setState("offline");
    if (net.kind === "online") setState((s) => (s === "offline" ? "back" : s));
  }, [net.kind]);
  useEffect(() => {
    if (state !== "back") return;
    const id = setTimeout(() => setState("hidden"), BACK_MS);
    return () => clearTimeout(id);
  }, [state]);
  const now = useNow(state === "offline" ? 1000 : null);

  if (state === "hidden") return null;
  if (state === "back") {
    return (
      <section className={c.bar} data-tone="good" aria-label={t("offline.label")}>
        <IconCloudCheck size={16} stroke={1.7} aria-hidden />
        <span role="status">{t("offline.back")}</span>
      </section>
    );
  }
  const seconds =
    net.kind === "offline" && net.nextTryAt ? Math.max(0, Math.ceil((net.nextTryAt - now) / 1000)) : 0;
  const kept = app.shell.replica
    ? t(waiting === 1 ? "offline.keptOne" : "offline.kept")
    : t(waiting === 1 ? "offline.keptBrowserOne" : "offline.keptBrowser");
  return (
    <section className={c.bar} aria-label={t("offline.label")}>
      <IconCloudOff size={16} stroke={1.7} aria-hidden />
      {/* The count is announced, the seconds are not. */}
      <span>
        <span role="status">
          <b>{waiting > 0 ? t("offline.titleWaiting", { count: waiting }) : t("offline.title")}</b>{" "}
          {waiting > 0 ? kept : t("offline.readable")}
        </span>{" "}
        <span className="num">
          {seconds > 0 ? t("offline.next", { count: seconds }) : t("offline.trying")}
        </span>
      </span>
      <LinkButton onClick={() => app.retry()}>{t("offline.tryNow")}</LinkButton>
    </section>
  );
}
