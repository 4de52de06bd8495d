import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useStore } from "zustand";
import { useAsked } from "../../admin/useAdministration";
import { useTranslation } from "../../i18n/useTranslation";
import { mayConfigureAll } from "../../state/administration";
import { Badge, IconButton, LinkButton } from "../base/parts";
import { useApp, useParley } from "../context";
import c from "./decided.module.css";

/** How many requests wait for an administrator; nothing for anybody else, who cannot decide them. */
export function OpenRequests({ tone }: { tone?: "quiet" | "accent" }) {
  return useParley((s) => mayConfigureAll(s.world)) ? <Count tone={tone} /> : null;
}

function Count({ tone }: { tone: "quiet" | "accent" | undefined }) {
  const { t } = useTranslation();
  const count = useOpen().length;
  return <Badge count={count} tone={tone} label={t("requests.waiting", { count })} />;
}

/** The ids of the requests that are open, live: whatever makes or decides one is told to all administrators. */
function useOpen(): string[] {
  const { answer } = useAsked("request.list", { all: true });
  return (answer?.requests ?? []).filter((r) => r.state === "open").map((r) => r.id);
}

/** Tells an administrator that somebody asks for a right, until it is put away, looked at or decided. */
export function Asks() {
  return useParley((s) => mayConfigureAll(s.world)) ? <Ask /> : null;
}

function Ask() {
  const { t } = useTranslation();
  const app = useApp();
  const open = useOpen();
  const [away, setAway] = useState(0);
  const looking = useParley((s) => s.places.view.page === "admin" && s.places.view.adminPage === "requests");
  const asked = useStore(
    app.administration.store,
    (s) => s.told.findLast((e) => e.command === "request.make") ?? null,
  );
  if (!asked || asked.n <= away || looking || !open.includes(asked.subject.id)) return null;
  const close = () => setAway(asked.n);
  return (
    <div className={c.decided} role="status">
      <p>
        <b>{t("requests.came", { name: asked.subject.name })}</b>
      </p>
      <LinkButton
        onClick={() => {
          close();
          app.open({ page: "admin", adminPage: "requests" });
        }}
      >
        {t("requests.look")}
      </LinkButton>
      <IconButton icon={IconX} iconSize={16} label={t("why.decided.close")} onClick={close} />
    </div>
  );
}
