import { IconAlertTriangle, IconArrowsDiff, IconPlus, IconShieldLock } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { PermissionSet, UserRecord } from "../../protocol";
import { matches } from "../../state/select";
import { Button, Empty } from "../../ui/base/parts";
import { SearchField } from "../../ui/base/SearchField";
import { useApp } from "../../ui/context";
import type { AdminPageProps } from "../pages";
import { PageHead } from "../parts";
import { useAsked } from "../useAdministration";
import { Compare } from "./Compare";
import { SetDrawer } from "./SetDrawer";
import c from "./sets.module.css";

/** Permission sets: found, compared, opened, made (SET-8..24). */
export default function SetsPage({ subjectId }: AdminPageProps) {
  const { t } = useTranslation();
  const app = useApp();
  const { answer, failure } = useAsked("set.list", {});
  const users = useAsked("user.list", {}).answer?.users;
  const go = (to?: string) => app.open({ page: "admin", adminPage: "permissionSets", subjectId: to });
  const opened = answer?.sets.find((s) => s.id === subjectId);
  const holders = useMemo(() => holdersOf(users ?? []), [users]);
  return (
    <>
      <PageHead title={t("adminPages.permissionSets.title")} text={t("sets.text")}>
        <Button onClick={() => go("new")}>
          <IconPlus size={16} stroke={1.7} aria-hidden />
          {t("sets.new")}
        </Button>
      </PageHead>
      {answer ? (
        <SetList sets={answer.sets} holders={holders} open={subjectId} onOpen={go} />
      ) : failure ? (
        <Empty icon={IconAlertTriangle} title={t("admin.notLoaded")} text={failure.text} />
      ) : (
        <p className={c.loading} role="status">
          {t("admin.loading")}
        </p>
      )}
      {answer && (opened || subjectId === "new") && (
        <SetDrawer
          key={subjectId}
          set={opened}
          sets={answer.sets}
          holders={(opened && holders.get(opened.id)) ?? []}
          onOpen={go}
          onClose={() => go()}
        />
      )}
    </>
  );
}

function holdersOf(users: UserRecord[]): ReadonlyMap<string, UserRecord[]> {
  const holders = new Map<string, UserRecord[]>();
  for (const u of users) {
    for (const id of u.setIds ?? []) {
      const known = holders.get(id);
      if (known) known.push(u);
      else holders.set(id, [u]);
    }
  }
  return holders;
}

function SetList({
  sets,
  holders,
  open,
  onOpen,
}: {
  sets: PermissionSet[];
  holders: ReadonlyMap<string, UserRecord[]>;
  open: string | undefined;
  onOpen: (id: string) => void;
}) {
  const { t } = useTranslation();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const [comparing, setComparing] = useState(false);
  const shown = sets.filter((s) => matches(query, s.label, s.apiName));
  const two = chosen.flatMap((id) => sets.find((s) => s.id === id) ?? []);
  const [left, right] = two;
  const choose = (id: string) =>
    setChosen(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id].slice(-2));
  if (sets.length === 0)
    return <Empty icon={IconShieldLock} title={t("sets.none")} text={t("sets.noneText")} />;
  return (
    <section className={c.list} aria-label={t("adminPages.permissionSets.title")}>
      <div className={c.tools}>
        <div className={c.search}>
          <SearchField
            label={t("sets.search")}
            value={query}
            onChange={setQuery}
            onEnter={() => shown[0] && onOpen(shown[0].id)}
          />
        </div>
        <Button aria-disabled={two.length < 2} onClick={() => two.length === 2 && setComparing(true)}>
          <IconArrowsDiff size={16} stroke={1.7} aria-hidden />
          {t("sets.compare")}
        </Button>
        <p className={c.hint}>{two.length < 2 && t("sets.compareHint")}</p>
      </div>
      <div className={c.scroll}>
        <table className={c.table}>
          <thead>
            <tr>
              <th>
                <span className="vh">{t("sets.choose")}</span>
              </th>
              <th>{t("sets.fields.label")}</th>
              <th data-column="apiName">{t("sets.fields.apiName")}</th>
              <th>{t("sets.fields.license")}</th>
              <th>{t("sets.holders")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((s) => (
              <tr key={s.id} data-open={s.id === open || undefined}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={t("sets.chooseOne", { name: s.label })}
                    checked={chosen.includes(s.id)}
                    onChange={() => choose(s.id)}
                  />
                </td>
                <td>
                  <button type="button" className={c.name} onClick={() => onOpen(s.id)}>
                    {s.label}
                  </button>
                </td>
                <td data-column="apiName" className={c.quiet}>
                  {s.apiName}
                </td>
                <td>{s.license ? t(`sets.licenses.${s.license}`) : t("sets.noLicense")}</td>
                <td className="num">{holders.get(s.id)?.length ?? 0}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {comparing && left && right && (
        <Compare left={left} right={right} onClose={() => setComparing(false)} />
      )}
    </section>
  );
}
