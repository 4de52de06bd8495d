import { Loader } from "@mantine/core";
import {
  IconAlertCircle,
  IconBrowser,
  IconCloudOff,
  IconDeviceDesktop,
  IconDeviceMobile,
} from "@tabler/icons-react";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { exact, since } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import { RequestError } from "../../peer/peer";
import type { Failure, SessionInfo } from "../../protocol";
import { Dialog } from "../base/Dialog";
import { PresenceSign } from "../base/Presence";
import { Button, Chip, Empty, LinkButton } from "../base/parts";
import { useApp, useNet, useNow } from "../context";
import { lasting } from "../presence/presence";
import c from "./account.module.css";

const icons = { desktop: IconDeviceDesktop, browser: IconBrowser, phone: IconDeviceMobile };

/** How often the list is asked for again while it is looked at. */
const EVERY_MS = 30_000;

/** Where one is signed in, and ending what is not needed there. */
export default function Devices({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const online = useNet().kind === "online";
  const now = useNow(EVERY_MS);
  const { sessions, failure, load } = useSessions(online, now);
  const [ending, setEnding] = useState(false);
  const [refused, setRefused] = useState<Failure | null>(null);
  const [told, setTold] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const others = sessions?.filter((s) => !s.current) ?? [];
  const nameOf = (s: SessionInfo) => s.deviceName || t(`devices.kind.${s.deviceKind}`);

  const end = async (these: SessionInfo[], after: string) => {
    if (ending || !online) return;
    setEnding(true);
    setRefused(null);
    try {
      for (const s of these) await app.oneself.endSession(s.id).catch(unlessGone);
      setTold(after);
    } catch (e) {
      if (!(e instanceof RequestError)) throw e;
      setRefused(e.failure);
    }
    await load();
    setEnding(false);
    // The button that was pressed has gone with its row.
    list.current?.focus();
  };

  return (
    <Dialog title={t("devices.title")} width={520} onClose={onClose}>
      <div className={c.dialog}>
        <p className={c.quiet}>{t("devices.intro")}</p>
        {sessions ? (
          <>
            {!online && (
              <Note icon={<IconCloudOff size={16} stroke={1.7} aria-hidden />}>
                {t("devices.offlineEnd")}
              </Note>
            )}
            <ul className={c.devices} aria-label={t("devices.title")} ref={list} tabIndex={-1}>
              {sessions.map((s) => (
                <Device key={s.id} session={s} name={nameOf(s)} now={now}>
                  <Button
                    size="sm"
                    aria-label={t("devices.endLabel", { name: nameOf(s) })}
                    aria-disabled={!online || ending}
                    onClick={() => void end([s], t("devices.ended", { name: nameOf(s) }))}
                  >
                    {t("devices.end")}
                  </Button>
                </Device>
              ))}
            </ul>
            {refused && <Failed failure={refused} />}
            <div className={c.foot}>
              {others.length === 0 && <span className={c.quiet}>{t("devices.only")}</span>}
              {others.length > 1 && (
                <Button
                  aria-disabled={!online || ending}
                  onClick={() => void end(others, t("devices.endedOthers"))}
                >
                  {t("devices.endOthers")}
                </Button>
              )}
              <Button kind="ghost" onClick={() => app.show("password")}>
                {t("password.title")}
              </Button>
            </div>
          </>
        ) : failure ? (
          <Failed failure={failure}>
            <LinkButton onClick={() => void load()}>{t("conversation.tryAgain")}</LinkButton>
          </Failed>
        ) : online ? (
          <p className={c.loading} role="status">
            <Loader size={16} color="var(--accent)" aria-hidden />
            {t("devices.loading")}
          </p>
        ) : (
          <Empty icon={IconCloudOff} title={t("devices.offline")} text={t("devices.offlineText")} />
        )}
        <span className="vh" role="status">
          {told}
        </span>
      </div>
    </Dialog>
  );
}

/** The list as it was told last; asked for again with every `round` while there is a connection. */
function useSessions(online: boolean, round: number) {
  const app = useApp();
  const [sessions, setSessions] = useState<SessionInfo[] | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const load = useCallback(async () => {
    try {
      setSessions(await app.oneself.sessions());
      setFailure(null);
    } catch (e) {
      if (!(e instanceof RequestError)) throw e;
      // A connection that is gone is told by itself, and the list comes with the next.
      setFailure(e.failure.code === "offline" ? null : e.failure);
    }
  }, [app]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again
  useEffect(() => {
    if (online) void load();
  }, [online, round, load]);
  return { sessions, failure, load };
}

/** A session that has ended meanwhile is as good as ended. */
function unlessGone(e: unknown): void {
  if (!(e instanceof RequestError) || e.failure.code !== "unknown") throw e;
}

function Device({
  session: s,
  name,
  now,
  children,
}: {
  session: SessionInfo;
  name: string;
  now: number;
  /** What can be done about it, unless it is the one that asks. */
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const Icon = icons[s.deviceKind];
  return (
    <li>
      <span className={c.kind}>
        <Icon size={20} stroke={1.6} aria-hidden />
      </span>
      <div className={c.device}>
        <span className={c.name}>
          <b className="cut">{name}</b>
          {s.current && <Chip>{t("devices.this")}</Chip>}
        </span>
        <span className={c.facts}>
          {s.live ? (
            <span>
              <PresenceSign shape="online" size={8} />{" "}
              {s.idleSinceAt
                ? t("devices.idle", { time: lasting(t, now - s.idleSinceAt) })
                : t("devices.live")}
            </span>
          ) : (
            <span title={exact(s.lastSeenAt)}>{t("devices.seen", { time: since(s.lastSeenAt, now) })}</span>
          )}
          <span title={exact(s.createdAt)}>{t("devices.since", { time: since(s.createdAt, now) })}</span>
        </span>
      </div>
      {!s.current && children}
    </li>
  );
}

function Failed({ failure, children }: { failure: Failure; children?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Note tone="red" icon={<IconAlertCircle size={16} stroke={1.7} aria-hidden />}>
      {failure.code === "offline" ? t("devices.lost") : failure.text} {children}
    </Note>
  );
}

/** What holds for the whole dialog, with its sign. */
export function Note({
  tone,
  icon,
  children,
}: {
  tone?: "red" | "green";
  icon: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={c.note} data-tone={tone} role={tone === "red" ? "alert" : "status"}>
      {icon}
      <span>{children}</span>
    </div>
  );
}
