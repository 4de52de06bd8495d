import { IconEye, IconMessages, IconSettings2, IconUsers } from "@tabler/icons-react";
import { useTranslation } from "../../i18n/useTranslation";
import { mayConfigure, mayWatch } from "../../state/administration";
import { unreadTotal } from "../../state/select";
import { PresenceSign } from "../base/Presence";
import { Badge } from "../base/parts";
import { useApp, useNet, useParley } from "../context";
import { ownPresence } from "../presence/presence";
import { OpenRequests } from "../why/OpenRequests";
import { StatusMenu } from "./OwnStatus";
import c from "./rail.module.css";

/** The phone's menu at the foot of the list. */
export function PhoneNav() {
  const { t } = useTranslation();
  const app = useApp();
  const net = useNet();
  const page = useParley((s) => s.places.view.page);
  const unread = useParley((s) => unreadTotal(s.world));
  const me = useParley((s) => s.world.me);
  const told = useParley((s) => s.world.presence[s.world.me?.user.id ?? ""]);
  const configures = useParley((s) => mayConfigure(s.world));
  const watches = useParley((s) => mayWatch(s.world));
  if (!me) return null;
  const own = ownPresence(t, me, told, net);
  const word = t(`presence.${own.shape}`);
  return (
    <nav className={c.phone} aria-label={t("nav.main")}>
      <button
        type="button"
        aria-current={page === "conversations" ? "page" : undefined}
        onClick={() => app.open({ page: "conversations" })}
      >
        <IconMessages size={22} stroke={1.6} aria-hidden />
        <Badge count={unread} tone="accent" label={t("unread", { count: unread })} />
        {t("nav.chats")}
      </button>
      <button
        type="button"
        aria-current={page === "people" ? "page" : undefined}
        onClick={() => app.open({ page: "people" })}
      >
        <IconUsers size={22} stroke={1.6} aria-hidden />
        {t("nav.people")}
      </button>
      {watches && (
        <button
          type="button"
          aria-current={page === "monitoring" ? "page" : undefined}
          onClick={() => app.open({ page: "monitoring" })}
        >
          <IconEye size={22} stroke={1.6} aria-hidden />
          {t("monitoring.title")}
        </button>
      )}
      {configures && (
        <button
          type="button"
          aria-current={page === "admin" ? "page" : undefined}
          onClick={() => app.open({ page: "admin" })}
        >
          <IconSettings2 size={22} stroke={1.6} aria-hidden />
          <OpenRequests tone="accent" />
          {t("admin.short")}
        </button>
      )}
      <StatusMenu>
        <button type="button" aria-label={`${t("status.own")}: ${word}, ${own.line}`}>
          <span className={c.sign}>
            <PresenceSign shape={own.shape} size={18} />
          </span>
          {own.shape === "unknown" ? t("nav.me") : word}
        </button>
      </StatusMenu>
    </nav>
  );
}
