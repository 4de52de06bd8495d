import { IconX } from "@tabler/icons-react";
import { useTranslation } from "../../i18n/useTranslation";
import { directId } from "../../state/world";
import { IconButton, LinkButton } from "../base/parts";
import { useApp, useParley } from "../context";
import c from "./decided.module.css";

/** Tells what became of a request of one's own, until it is put away. */
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
    <div className={c.decided} data-state={request.state} role="status">
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
    </div>
  );
}
