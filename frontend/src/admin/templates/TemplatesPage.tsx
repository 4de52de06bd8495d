import { IconAlertTriangle, IconPaperclip, IconPlus, IconSearchOff, IconTemplate } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { TemplateListAnswer, TemplateRecord } from "../../protocol";
import { matches } from "../../state/select";
import { Button, Empty } from "../../ui/base/parts";
import { SearchField } from "../../ui/base/SearchField";
import { useApp } from "../../ui/context";
import type { AdminPageProps } from "../pages";
import { PageHead } from "../parts";
import s from "../sets/sets.module.css";
import { useAsked } from "../useAdministration";
import { TemplateDrawer } from "./TemplateDrawer";

/** Templates: found, opened, made (MSG-20). */
export default function TemplatesPage({ subjectId }: AdminPageProps) {
  const { t } = useTranslation();
  const app = useApp();
  const { answer, failure } = useAsked("template.list", {});
  const go = (to?: string) => app.open({ page: "admin", adminPage: "templates", subjectId: to });
  const opened = answer?.templates.find((one) => one.template.id === subjectId);
  return (
    <>
      <PageHead title={t("adminPages.templates.title")} text={t("templates.text")}>
        <Button onClick={() => go("new")}>
          <IconPlus size={16} stroke={1.7} aria-hidden />
          {t("templates.new")}
        </Button>
      </PageHead>
      {answer ? (
        <List answer={answer} open={subjectId} onOpen={go} />
      ) : failure ? (
        <Empty icon={IconAlertTriangle} title={t("admin.notLoaded")} text={failure.text} />
      ) : (
        <p className={s.loading} role="status">
          {t("admin.loading")}
        </p>
      )}
      {answer && (opened || subjectId === "new") && (
        <TemplateDrawer key={subjectId} record={opened} answer={answer} onClose={() => go()} />
      )}
    </>
  );
}

function List({
  answer,
  open,
  onOpen,
}: {
  answer: TemplateListAnswer;
  open: string | undefined;
  onOpen: (id: string) => void;
}) {
  const { t } = useTranslation();
  const [query, setQuery] = useState("");
  const { templates } = answer;
  const shown = templates.filter(({ template: one }) => matches(query, one.name, one.shortcut, one.text));
  if (templates.length === 0)
    return <Empty icon={IconTemplate} title={t("templates.none")} text={t("templates.noneHere")} />;
  return (
    <section className={s.list} aria-label={t("adminPages.templates.title")}>
      <div className={s.tools}>
        <div className={s.search}>
          <SearchField
            label={t("templates.search")}
            value={query}
            onChange={setQuery}
            onEnter={() => shown[0] && onOpen(shown[0].template.id)}
          />
        </div>
      </div>
      <div className={s.scroll}>
        {shown.length === 0 ? (
          <div role="status">
            <Empty
              icon={IconSearchOff}
              title={t("list.noMatch", { query })}
              text={t("templates.noMatchText")}
            />
          </div>
        ) : (
          <table className={s.table}>
            <thead>
              <tr>
                <th>{t("templates.fields.name")}</th>
                <th data-column="apiName">{t("templates.fields.shortcut")}</th>
                <th>{t("templates.fields.scope")}</th>
                <th>
                  <IconPaperclip size={14} stroke={1.7} role="img" aria-label={t("templates.files")} />
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <tr key={one.template.id} data-open={one.template.id === open || undefined}>
                  <td>
                    <button type="button" className={s.name} onClick={() => onOpen(one.template.id)}>
                      {one.template.name}
                    </button>
                  </td>
                  <td data-column="apiName" className={s.quiet}>
                    {one.template.shortcut && `/${one.template.shortcut}`}
                  </td>
                  <td className={s.quiet}>{scopeText(answer, one) || t("templates.everybody")}</td>
                  <td className={`${s.quiet} num`}>{one.template.attachments?.length ?? ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  );
}

/** Whom a template is for, by name; empty for everybody. */
export function scopeText(answer: TemplateListAnswer, { teamIds, queueIds }: TemplateRecord): string {
  const teams = answer.teams.filter((one) => teamIds.includes(one.id));
  const queues = answer.queues.filter((one) => queueIds.includes(one.id));
  return [...teams, ...queues].map((one) => one.name).join(", ");
}
