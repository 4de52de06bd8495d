import { useEffect, useState } from "react";
import { since } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import { RequestError } from "../../peer/peer";
import { type Failure, MAX_REQUEST_TEXT, type RightsRequest } from "../../protocol";
import type { World } from "../../state/world";
import { Button } from "../base/parts";
import { useApp, useNet, useNow, useParley } from "../context";
import type { About } from "./useExplanation";
import c from "./why.module.css";

/** Asks the administrators for what was refused, and tells what became of it. */
export function AskFor({ about }: { about: About }) {
  const { t } = useTranslation();
  const app = useApp();
  const now = useNow(60_000);
  const online = useNet().kind === "online";
  const world = useParley((s) => s.world);
  const last = lastRequest(world, about);
  const [text, setText] = useState("");
  const [asking, setAsking] = useState(false);
  const [refused, setRefused] = useState<Failure | null>(null);
  const administrators = Object.values(world.people).filter(
    (u) => u.role === "administrator" && u.active,
  ).length;

  useEffect(() => {
    if (!online) return;
    app.ask("request.list", {}).then(
      (answer) => app.keepRequests(answer.requests),
      (e) => {
        if (!(e instanceof RequestError)) throw e;
      },
    );
  }, [app, online]);

  const ask = async () => {
    if (asking || !online) return;
    setAsking(true);
    setRefused(null);
    try {
      app.keepRequests([(await app.ask("request.make", { ...about, text: text.trim() })).request]);
    } catch (e) {
      if (!(e instanceof RequestError)) throw e;
      setRefused(e.failure);
    }
    setAsking(false);
  };

  if (last?.state === "open") {
    return (
      <div className={c.ask} role="status">
        <p className={c.waiting}>{t("why.asked", { time: since(last.at, now) })}</p>
        {last.text && <p className={c.quote}>{last.text}</p>}
      </div>
    );
  }
  return (
    <form
      className={c.ask}
      onSubmit={(e) => {
        e.preventDefault();
        e.stopPropagation(); // the panel may hang in a form of its own
        void ask();
      }}
    >
      {last?.state === "declined" && (
        <p role="status" className={c.declined}>
          {t("why.declined", { time: since(last.decidedAt ?? last.at, now) })}
          {last.note && <q>{last.note}</q>}
        </p>
      )}
      <input
        value={text}
        maxLength={MAX_REQUEST_TEXT}
        aria-label={t("why.askText")}
        placeholder={t("why.askText")}
        onChange={(e) => setText(e.target.value)}
      />
      {refused && (
        <p role="alert" className={c.declined}>
          {refused.text}
        </p>
      )}
      <div className={c.askFoot}>
        <Button kind="primary" type="submit" aria-disabled={!online || asking}>
          {t("why.request")}
        </Button>
        <span>{online ? t("why.goesTo", { count: administrators }) : t("why.askOffline")}</span>
      </div>
    </form>
  );
}

/** The newest of one's own requests for the same. */
function lastRequest(world: World, about: About): RightsRequest | undefined {
  return Object.values(world.requests)
    .filter(
      (r) => r.act === about.act && r.otherId === about.otherId && r.conversationId === about.conversationId,
    )
    .sort((a, b) => b.at - a.at)[0];
}
