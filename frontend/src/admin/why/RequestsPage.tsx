import { IconInbox } from "@tabler/icons-react";
import { useState } from "react";
import { exact, since } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import { RequestError } from "../../peer/peer";
import { type Change, type Failure, MAX_REQUEST_TEXT, type RightsRequest, type UserID } from "../../protocol";
import { otherOf, type World } from "../../state/world";
import { Avatar } from "../../ui/base/Avatar";
import { Button, Empty } from "../../ui/base/parts";
import { useApp, useNet, useNow, useParley } from "../../ui/context";
import { actWords } from "../../ui/why/words";
import { PageHead } from "../parts";
import { useAsked } from "../useAdministration";
import { FixSteps, ruleWords } from "./ExplainPage";
import x from "./explain.module.css";
import c from "./requests.module.css";
import w from "./why.module.css";

/** What users ask to be allowed, with the smallest change that grants it and what else that would change; to apply or decline. */
export default function RequestsPage() {
  const { t } = useTranslation();
  const { answer, failure } = useAsked("request.list", { all: true });
  const open = answer?.requests.filter((r) => r.state === "open").reverse() ?? [];
  const decided = answer?.requests.filter((r) => r.state !== "open") ?? [];
  return (
    <>
      <PageHead title={t("adminPages.requests.title")} text={t("requests.text")} />
      <div className={w.page}>
        {failure && (
          <p className={w.warn} role="alert">
            {failure.text}
          </p>
        )}
        {answer && open.length === 0 && (
          <Empty icon={IconInbox} title={t("requests.none")} text={t("requests.noneText")} />
        )}
        <ul className={c.requests} aria-label={t("requests.open")}>
          {open.map((r) => (
            <li key={r.id}>
              <Open request={r} />
            </li>
          ))}
        </ul>
        {decided.length > 0 && (
          <section className={c.decided} aria-label={t("requests.decided")}>
            <h2>{t("requests.decided")}</h2>
            <ul>
              {decided.map((r) => (
                <Decided key={r.id} request={r} />
              ))}
            </ul>
          </section>
        )}
      </div>
    </>
  );
}

/** Who asks for what. */
function useWords(r: RightsRequest): { actor: string; name: string; what: string } {
  const { t } = useTranslation();
  const world = useParley((s) => s.world);
  const actor = nameOf(world, r.byId);
  const otherId = r.otherId ?? (r.conversationId ? otherOf(r.conversationId, r.byId) : null);
  const name = otherId ? nameOf(world, otherId) : "";
  return { actor, name, what: t("requests.wants", { actor, act: actWords(t, r.act), name }) };
}

function nameOf(world: World, id: UserID): string {
  return (id === world.me?.user.id ? world.me.user : world.people[id])?.displayName ?? "";
}

function Open({ request: r }: { request: RightsRequest }) {
  const { t } = useTranslation();
  const now = useNow(60_000);
  const { actor, name, what } = useWords(r);
  const { answer: e, failure } = useAsked("explain.ask", {
    actorId: r.byId,
    act: r.act,
    ...(r.otherId ? { otherId: r.otherId } : {}),
    ...(r.conversationId ? { conversationId: r.conversationId } : {}),
  });
  return (
    <article className={c.request} aria-label={what}>
      <header>
        <Avatar name={actor} />
        <div>
          <h2>{what}</h2>
          <time title={exact(r.at)}>{since(r.at, now)}</time>
        </div>
      </header>
      {r.text && <blockquote>{r.text}</blockquote>}
      {failure && <p className={w.warn}>{failure.code === "unknown" ? t("requests.gone") : failure.text}</p>}
      {e?.allowed && <p>{t("requests.allowed")}</p>}
      {e && !e.allowed && (
        <section className={x.fix} aria-label={t("explain.fix")}>
          <p className={w.quiet}>{e.rule && ruleWords(t, e.rule, { actor, name })}</p>
          <h3>{t("explain.fix")}</h3>
          {e.fix ? <FixSteps e={e} actor={actor} /> : <p>{t("explain.noFix")}</p>}
        </section>
      )}
      <Decide request={r} changes={e?.allowed ? [] : (e?.fix?.changes as Change[] | undefined)} />
    </article>
  );
}

/** Apply or decline, with a note to who asked. `changes` are what applies it; undefined where nothing is known that would. */
function Decide({ request, changes }: { request: RightsRequest; changes: Change[] | undefined }) {
  const { t } = useTranslation();
  const { administration } = useApp();
  const online = useNet().kind === "online";
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const off = busy || !online;
  const decide = async (apply: boolean) => {
    if (off || (apply && !changes)) return;
    setBusy(true);
    setFailure(null);
    try {
      await administration.give("request.decide", {
        id: request.id,
        apply,
        note: note.trim(),
        ...(apply && changes ? { changes } : {}),
      });
    } catch (e) {
      if (!(e instanceof RequestError)) throw e;
      setFailure(e.failure);
    }
    setBusy(false);
  };
  return (
    <footer>
      {failure && (
        <p className={w.warn} role="alert">
          {failure.text}
        </p>
      )}
      <input
        value={note}
        maxLength={MAX_REQUEST_TEXT}
        aria-label={t("requests.note")}
        placeholder={t("requests.note")}
        onChange={(e) => setNote(e.currentTarget.value)}
      />
      <Button aria-disabled={off} onClick={() => void decide(false)}>
        {t("requests.decline")}
      </Button>
      <Button kind="primary" aria-disabled={off || !changes} onClick={() => void decide(true)}>
        {t("requests.apply")}
      </Button>
    </footer>
  );
}

function Decided({ request: r }: { request: RightsRequest }) {
  const { t } = useTranslation();
  const now = useNow(60_000);
  const world = useParley((s) => s.world);
  const { what } = useWords(r);
  const by = (r.decidedById && nameOf(world, r.decidedById)) || t("why.setByServer");
  return (
    <li>
      <span>{what}</span>
      <span data-tone={r.state === "applied" ? "gain" : "loss"}>{t(`requests.state.${r.state}`)}</span>
      <small title={exact(r.decidedAt ?? r.at)}>
        {by}, {since(r.decidedAt ?? r.at, now)}
        {r.note && `: ${r.note}`}
      </small>
    </li>
  );
}
