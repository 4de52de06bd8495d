import { IconAlertTriangle } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Edition, UserListAnswer } from "../../protocol";
import { matches } from "../../state/select";
import { Dialog } from "../../ui/base/Dialog";
import { Button, Empty } from "../../ui/base/parts";
import { SearchField } from "../../ui/base/SearchField";
import a from "../admin.module.css";
import { Drawer } from "../Drawer";
import { PageHead, SaveFailure, useSaving } from "../parts";
import { useAsked } from "../useAdministration";
import { LicenseTable } from "./LicenseTable";
import { Rights } from "./Rights";
import { editions, licenseOf } from "./sets";
import c from "./sets.module.css";

/** The edition, and who holds its license and which permission sets, for many users at once (SET-4..6, SET-22). */
export default function LicensesPage() {
  const { t } = useTranslation();
  const { answer, failure } = useAsked("user.list", {});
  return (
    <>
      <PageHead title={t("adminPages.licenses.title")} text={t("licenses.text")} />
      {answer ? (
        <Licenses list={answer} />
      ) : failure ? (
        <Empty icon={IconAlertTriangle} title={t("admin.notLoaded")} text={failure.text} />
      ) : (
        <p className={c.loading} role="status">
          {t("admin.loading")}
        </p>
      )}
    </>
  );
}

const byNames = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;

/** As many names as the line below a drawer's title can show. */
const NAMED = 8;

function Licenses({ list }: { list: UserListAnswer }) {
  const { t } = useTranslation();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState(false);
  const sets = useAsked("set.list", {}).answer?.sets;
  const setNames = useMemo(() => new Map(sets?.map((s) => [s.id, s.label])), [sets]);
  const license = licenseOf(list.edition);
  const shown = useMemo(
    () =>
      list.users
        .filter((u) => matches(query, u.user.displayName, u.name, t(`role.${u.user.role}`)))
        .sort((a, b) => byNames(a.user.displayName, b.user.displayName)),
    [list.users, query, t],
  );
  const users = useMemo(() => list.users.filter((u) => chosen.has(u.user.id)), [list.users, chosen]);
  const choose = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const held = list.users.filter((u) => u.license === license).length;
  return (
    <section className={c.list} aria-label={t("adminPages.licenses.title")}>
      <EditionChoice edition={list.edition} />
      <div className={c.tools}>
        <div className={c.search}>
          <SearchField
            label={t("agents.search")}
            value={query}
            onChange={setQuery}
            onEnter={() => shown[0] && choose(shown[0].user.id)}
          />
        </div>
        <Button aria-disabled={users.length === 0} onClick={() => users.length > 0 && setOpen(true)}>
          {t("licenses.assign", { count: users.length })}
        </Button>
        <p className={c.hint}>
          {t("licenses.held", { count: held, license: t(`sets.licenses.${license}`) })}
        </p>
      </div>
      <LicenseTable users={shown} setNames={setNames} chosen={chosen} onChoose={setChosen} />
      {open && users.length > 0 && (
        <Drawer
          title={t("licenses.assign", { count: users.length })}
          detail={users
            .slice(0, NAMED)
            .map((u) => u.user.displayName)
            .join(", ")}
          unsaved={false}
          onClose={() => setOpen(false)}
        >
          <Rights users={users} list={list} />
        </Drawer>
      )}
    </section>
  );
}

/** The edition, and the assistant that moves what belongs to it (SET-6). */
function EditionChoice({ edition }: { edition: Edition }) {
  const { t } = useTranslation();
  const [next, setNext] = useState<Edition | null>(null);
  return (
    <div className={c.edition}>
      <fieldset className={a.setting}>
        <legend>{t("licenses.edition")}</legend>
        {editions.map((e) => (
          <label key={e} className={a.choice} htmlFor={`edition-${e}`}>
            <input
              type="radio"
              id={`edition-${e}`}
              name="edition"
              checked={e === edition}
              aria-describedby={`edition-${e}-t`}
              onChange={() => setNext(e)}
            />
            <span>
              <b>{t(`licenses.editions.${e}`)}</b>
              <small id={`edition-${e}-t`}>
                {t("licenses.needs", { license: t(`sets.licenses.${licenseOf(e)}`) })}
              </small>
            </span>
          </label>
        ))}
      </fieldset>
      {next && next !== edition && <Migration to={next} onClose={() => setNext(null)} />}
    </div>
  );
}

function Migration({ to, onClose }: { to: Edition; onClose: () => void }) {
  const { t } = useTranslation();
  const { answer, failure: unread } = useAsked("edition.preview", { edition: to });
  const list = useAsked("user.list", {}).answer;
  const sets = useAsked("set.list", {}).answer?.sets;
  const { busy, failure, save } = useSaving();
  const update = async () => {
    if (!answer || busy) return;
    if (await save({ do: "edition.update", args: { edition: to, revision: answer.revision } })) onClose();
  };
  const people = useMemo(() => new Map(list?.users.map((u) => [u.user.id, u.user.displayName])), [list]);
  const names = answer?.userIds.map((id) => people.get(id) ?? id);
  const tied = answer?.setIds.map((id) => sets?.find((s) => s.id === id)?.label ?? id);
  return (
    <Dialog
      title={t("licenses.migrate", { edition: t(`licenses.editions.${to}`) })}
      width={520}
      onClose={onClose}
    >
      <div className={c.ask}>
        {answer?.from && answer.to ? (
          <>
            <p>
              {t("licenses.redo", {
                count: answer.userIds.length,
                from: t(`sets.licenses.${answer.from}`),
                to: t(`sets.licenses.${answer.to}`),
              })}
            </p>
            <Names label={t("licenses.users")} names={names ?? []} />
            {answer.setIds.length > 0 && <p>{t("licenses.redoSets", { count: answer.setIds.length })}</p>}
            <Names label={t("adminPages.permissionSets.title")} names={tied ?? []} />
          </>
        ) : (
          <p role="status">{t("admin.loading")}</p>
        )}
        <SaveFailure failure={failure ?? unread} />
        <div className={c.askEnd}>
          <Button onClick={onClose}>{t("admin.cancel")}</Button>
          <Button kind="primary" data-autofocus aria-disabled={!answer || busy} onClick={() => void update()}>
            {t("licenses.confirm")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** As many names are listed; of the others the number is told. */
const LISTED = 100;

function Names({ label, names }: { label: string; names: string[] }) {
  const { t } = useTranslation();
  if (names.length === 0) return null;
  return (
    <ul className={c.names} aria-label={label}>
      {names.slice(0, LISTED).map((name) => (
        <li key={name}>{name}</li>
      ))}
      {names.length > LISTED && <li>{t("sets.holdersMore", { count: names.length - LISTED })}</li>}
    </ul>
  );
}
