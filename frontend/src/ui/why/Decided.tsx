import { IconX } from "@tabler/icons-react";
import { useTranslation } from "../../i18n/useTranslation";
import { directId } from "../../state/world";
import { IconButton, LinkButton } from "../base/parts";
import { Toast } from "../base/Toast";
import { useApp, useParley } from "../context";
import c from "./decided.module.css";

/** Long enough to read what was answered. */
const TOLD_MS = 20_000;

/** Tells what became of a request of one's own; the Why panel of what was asked for tells it from then on. */
export function Decided() {
  const { t } = useTranslation();
  const app = useApp();
  const request = useParley((s) => s.decided);
  const world = useParley((s) => s.world);
  if (!request || !world.me) return null;
  const me = world.me.user.id;
  const id = request.conversationId ?? (request.otherId ? directId(me, request.otherId) : undefined);
  const other = Object.values(world.people).find(
    (u) => u.id === request.otherId || id === directId(me, u.id),
  );
  const name = other?.displayName ?? (id && world.talks[id]?.conversation.name);
  const what = name ? t("why.decided.what", { name }) : t("why.decided.other");
  return (
    <Toast
      of={request}
      ms={TOLD_MS}
      role="status"
      className={c.decided}
      state={request.state}
      onGone={() => app.dismissDecided()}
    >
      <p>
        <b>{t(`why.decided.${request.state}`, { what })}</b>
        {request.note && <q>{request.note}</q>}
      </p>
      {request.state === "applied" && id && name && (
        <LinkButton
          onClick={() => {
            app.dismissDecided();
            app.openConversation(id);
          }}
        >
          {t("why.decided.go")}
        </LinkButton>
      )}
      <IconButton
        icon={IconX}
        iconSize={16}
        label={t("why.decided.close")}
        onClick={() => app.dismissDecided()}
      />
    </Toast>
  );
}
