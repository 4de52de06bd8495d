import { IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";
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

function Licenses({ list }: { list: UserListAnswer }) {
  const { t } = useTranslation();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState(false);
  const sets = useAsked("set.list", {}).answer?.sets ?? [];
  const license = licenseOf(list.edition);
  const shown = list.users.filter((u) =>
    matches(query, u.user.displayName, u.name, t(`role.${u.user.role}`)),
  );
  const users = list.users.filter((u) => chosen.has(u.user.id));
  const all = shown.length > 0 && shown.every((u) => chosen.has(u.user.id));
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
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it by the keys */}
      <section className={c.scroll} tabIndex={0} aria-label={t("licenses.users")}>
        <table className={c.table}>
          <thead>
            <tr>
              <th>
                <input
                  type="checkbox"
                  aria-label={t("licenses.chooseAll")}
                  checked={all}
                  onChange={() => setChosen(all ? new Set() : new Set(shown.map((u) => u.user.id)))}
                />
              </th>
              <th>{t("licenses.user")}</th>
              <th>{t("agents.columns.role")}</th>
              <th>{t("sets.fields.license")}</th>
              <th>{t("adminPages.permissionSets.title")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ user, license: has, setIds }) => (
              <tr key={user.id}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={t("sets.chooseOne", { name: user.displayName })}
                    checked={chosen.has(user.id)}
                    onChange={() => choose(user.id)}
                  />
                </td>
                <td>{user.displayName}</td>
                <td className={c.quiet}>{t(`role.${user.role}`)}</td>
                <td>{has ? t(`sets.licenses.${has}`) : t("sets.noLicense")}</td>
                <td className={c.quiet}>
                  {sets
                    .filter((s) => setIds?.includes(s.id))
                    .map((s) => s.label)
                    .join(", ")}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {open && users.length > 0 && (
        <Drawer
          title={t("licenses.assign", { count: users.length })}
          detail={users.map((u) => u.user.displayName).join(", ")}
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
  const names = answer?.userIds.map(
    (id) => list?.users.find((u) => u.user.id === id)?.user.displayName ?? id,
  );
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

function Names({ label, names }: { label: string; names: string[] }) {
  if (names.length === 0) return null;
  return (
    <ul className={c.names} aria-label={label}>
      {names.map((name) => (
        <li key={name}>{name}</li>
      ))}
    </ul>
  );
}
