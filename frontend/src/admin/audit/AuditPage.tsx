import { IconFileDownload, IconHistory, IconLinkOff, IconShieldCheck } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { exact, since } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import type { AuditEntry, AuditListArgs } from "../../protocol";
import { Button, Empty } from "../../ui/base/parts";
import { SearchField } from "../../ui/base/SearchField";
import { useApp } from "../../ui/context";
import { PageHead } from "../parts";
import { saveTable } from "../transfer/csv";
import { useAsked } from "../useAdministration";
import c from "./audit.module.css";
import { csvOf, headOf, linesOf } from "./describe";

const PAGE = 50;
/** The most one question may ask for (chat.MaxHistoryPage). */
const EXPORT_PAGE = 200;

type Narrow = Pick<AuditListArgs, "text" | "byId" | "subjectKind">;

/** The audit log: who changed what, from what to what, when and from where; newest first, live. */
export default function AuditPage() {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [byId, setById] = useState("");
  const [refusals, setRefusals] = useState(false);
  const users = useAsked("user.list", {}).answer;
  const nameOf = useMemo(() => {
    const names = new Map<string, string>();
    for (const u of users?.users ?? []) names.set(u.user.id, u.user.displayName);
    for (const team of users?.teams ?? []) names.set(team.id, team.name);
    return (id: string) => names.get(id) ?? t("audit.gone");
  }, [users, t]);
  const narrow: Narrow = {
    ...(text ? { text } : {}),
    ...(byId ? { byId } : {}),
    ...(refusals ? { subjectKind: "refusal" as const } : {}),
  };
  // Everybody may be refused; what is changed, is changed by few.
  const actors = (users?.users ?? []).filter((u) => refusals || u.user.role === "administrator");
  return (
    <>
      <PageHead title={t("adminPages.audit.title")} text={t(refusals ? "audit.refusalsText" : "audit.text")}>
        <Chain />
        <Export narrow={narrow} />
      </PageHead>
      <section className={c.log} aria-label={t("adminPages.audit.title")}>
        <div className={c.tools}>
          <div className={c.search}>
            <SearchField label={t("audit.search")} value={text} onChange={setText} onEnter={() => {}} />
          </div>
          <select
            aria-label={t("audit.what")}
            value={refusals ? "refusals" : "changes"}
            onChange={(e) => {
              setRefusals(e.currentTarget.value === "refusals");
              setById("");
            }}
          >
            <option value="changes">{t("audit.changes")}</option>
            <option value="refusals">{t("audit.refusals")}</option>
          </select>
          <select aria-label={t("audit.by")} value={byId} onChange={(e) => setById(e.currentTarget.value)}>
            <option value="">{t("audit.byAnybody")}</option>
            {!refusals && <option value="console">{t("audit.console")}</option>}
            {actors.map((u) => (
              <option key={u.user.id} value={u.user.id}>
                {u.user.displayName}
              </option>
            ))}
          </select>
        </div>
        <Log key={JSON.stringify(narrow)} narrow={narrow} nameOf={nameOf} />
      </section>
    </>
  );
}

/** All pages that are shown: the newest, and those before it that were asked for. */
function Log({ narrow, nameOf }: { narrow: Narrow; nameOf: (id: string) => string }) {
  const [places, setPlaces] = useState([0]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
    <div className={c.entries} tabIndex={0}>
      {places.map((beforeN, i) => (
        <Part
          key={beforeN}
          args={{ ...narrow, limit: PAGE, ...(beforeN ? { beforeN } : {}) }}
          nameOf={nameOf}
          last={i === places.length - 1}
          onOlder={(n) => setPlaces([...places, n])}
        />
      ))}
    </div>
  );
}

function Part({
  args,
  nameOf,
  last,
  onOlder,
}: {
  args: AuditListArgs;
  nameOf: (id: string) => string;
  last: boolean;
  onOlder: (beforeN: number) => void;
}) {
  const { t } = useTranslation();
  const { answer, failure } = useAsked("audit.list", args);
  if (!answer) {
    return <p className={c.state}>{failure ? failure.text : t("admin.loading")}</p>;
  }
  const oldest = answer.entries.at(-1);
  if (!oldest) {
    return (
      <div role="status">
        {args.text || args.byId ? (
          <Empty icon={IconHistory} title={t("audit.none")} text={t("audit.noneText")} />
        ) : (
          <Empty icon={IconHistory} title={t("audit.noRefusals")} />
        )}
      </div>
    );
  }
  return (
    <>
      <ol className={c.list}>
        {answer.entries.map((e) => (
          <Entry key={e.n} entry={e} nameOf={nameOf} />
        ))}
      </ol>
      {last && answer.more && (
        <p className={c.state}>
          <Button onClick={() => onOlder(oldest.n)}>{t("audit.older")}</Button>
        </p>
      )}
    </>
  );
}

function Entry({ entry: e, nameOf }: { entry: AuditEntry; nameOf: (id: string) => string }) {
  const { t } = useTranslation();
  return (
    <li className={c.entry}>
      <time dateTime={new Date(e.at).toISOString()} title={exact(e.at)}>
        {since(e.at, Date.now())}
      </time>
      <div className={c.what}>
        <h2>{headOf(t, e)}</h2>
        <dl>
          {linesOf(t, e, nameOf).map((line) => (
            <div key={line.field}>
              <dt>{line.field}</dt>
              {line.to === undefined ? (
                <dd>{t("audit.replaced")}</dd>
              ) : (
                <dd>
                  {line.from !== undefined && (
                    <>
                      <del>{line.from}</del> <span aria-hidden>→</span>{" "}
                    </>
                  )}
                  <ins>{line.to}</ins>
                </dd>
              )}
            </div>
          ))}
        </dl>
      </div>
      <p className={c.who}>
        {e.byId === "console" ? t("audit.console") : e.byName}
        {e.address && <small>{e.address}</small>}
      </p>
    </li>
  );
}

/** Asks the server to follow the chain of the whole log. */
function Chain() {
  const { t } = useTranslation();
  const { administration } = useApp();
  const [said, setSaid] = useState<{ text: string; broken: boolean } | null>(null);
  const [busy, setBusy] = useState(false);
  const check = async () => {
    if (busy) return;
    setBusy(true);
    try {
      const { entries, brokenN } = await administration.give("audit.verify", {});
      setSaid(
        brokenN
          ? { text: t("audit.broken", { n: brokenN }), broken: true }
          : { text: t("audit.whole", { count: entries }), broken: false },
      );
    } catch {
      setSaid({ text: t("audit.notChecked"), broken: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <span className={c.chain} role="status" data-broken={said?.broken || undefined}>
        {said && (
          <>
            {said.broken ? <IconLinkOff size={16} aria-hidden /> : <IconShieldCheck size={16} aria-hidden />}
            {said.text}
          </>
        )}
      </span>
      <Button aria-disabled={busy} onClick={check}>
        {t("audit.check")}
      </Button>
    </>
  );
}

/** Saves what is found as a table. The desktop's window can save no files: there the server's command line does it. */
function Export({ narrow }: { narrow: Narrow }) {
  const { t } = useTranslation();
  const { administration, shell } = useApp();
  const [count, setCount] = useState<number | null>(null);
  if (shell.home === "window") return null;
  const save = async () => {
    if (count !== null) return;
    setCount(0);
    try {
      const all: AuditEntry[] = [];
      for (let beforeN = 0, more = true; more; ) {
        const page = await administration.give("audit.list", { ...narrow, limit: EXPORT_PAGE, beforeN });
        all.push(...page.entries);
        setCount(all.length);
        more = page.more;
        beforeN = all.at(-1)?.n ?? 0;
      }
      saveTable("audit.csv", csvOf(all));
    } finally {
      setCount(null);
    }
  };
  return (
    <Button aria-disabled={count !== null} onClick={save}>
      <IconFileDownload size={16} stroke={1.7} aria-hidden />
      {count === null ? t("audit.export") : t("audit.exporting", { count })}
    </Button>
  );
}
