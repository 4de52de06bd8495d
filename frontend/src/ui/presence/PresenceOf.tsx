import { useTranslation } from "../../i18n/useTranslation";
import type { UserID } from "../../protocol";
import { PresenceSign } from "../base/Presence";
import { useNet, useParley } from "../context";
import { evidence, shapeOf } from "./presence";
import c from "./presence.module.css";

/** A person's presence sign, with its evidence on hover. */
export function PresenceOf({ userId, size }: { userId: UserID; size?: number }) {
  const { t } = useTranslation();
  const net = useNet();
  const presence = useParley((s) => s.world.presence[userId]);
  const shape = shapeOf(presence, net);
  const word = t(`presence.${shape}`);
  const detail = shape === "unknown" ? "" : evidence(t, presence, Date.now());
  return <PresenceSign shape={shape} label={word} size={size} hint={detail ? `${word}: ${detail}` : word} />;
}

/** Presence in words: "Away on break since 10:04, desktop". */
export function PresenceLine({ userId, sign = true }: { userId: UserID; sign?: boolean }) {
  const { t } = useTranslation();
  const net = useNet();
  const presence = useParley((s) => s.world.presence[userId]);
  const shape = shapeOf(presence, net);
  const detail = shape === "unknown" ? "" : evidence(t, presence, Date.now());
  return (
    <>
      {sign && <PresenceSign shape={shape} />}
      <span>{t(`presence.${shape}`)}</span>
      {detail && <span className={c.detail}>{detail}</span>}
    </>
  );
}
