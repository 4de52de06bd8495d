import { useId, useMemo } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { MAX_TEMPLATE_LENGTH, type TemplateListAnswer } from "../../protocol";
import { lengthOf } from "../../state/document";
import { unknownPlaceholder } from "../../state/templates";
import { Segments } from "../../ui/base/controls";
import { Field } from "../../ui/base/Field";
import a from "../admin.module.css";
import { TwoColumns } from "../columns/TwoColumns";
import { TemplateEditor } from "./TemplateEditor";
import { type TemplateForm, type Wrong, wordsOf } from "./templates";
import c from "./templates.module.css";

/** What a template says, and whom it is for. */
export function TemplateFields({
  value,
  before,
  wrong,
  answer,
  editorKey,
  onChange,
}: {
  value: TemplateForm;
  before: TemplateForm;
  /** What is to be mended first. */
  wrong: Wrong | undefined;
  answer: TemplateListAnswer;
  /** Another one when the editor must show other words than those typed in it. */
  editorKey: string;
  onChange: (part: Partial<TemplateForm>) => void;
}) {
  const { t } = useTranslation();
  const id = useId();
  const entries = useMemo(
    () => [
      ...answer.teams.map((one) => ({ id: `team.${one.id}`, name: t("templates.team", { name: one.name }) })),
      ...answer.queues.map((one) => ({
        id: `queue.${one.id}`,
        name: t("templates.queue", { name: one.name }),
      })),
    ],
    [answer, t],
  );
  const words = wordsOf(value);
  const length = lengthOf(words.text.trim());
  const textError =
    wrong === "unknown"
      ? t("templates.unknown", { name: unknownPlaceholder(words.text) })
      : wrong === "tooLong"
        ? t("templates.wrong.tooLong")
        : undefined;
  return (
    <>
      <section className={a.fields}>
        <Field name="name" label={t("templates.fields.name")}>
          {(props) => (
            <input
              {...props}
              value={value.name}
              onChange={(e) => onChange({ name: e.currentTarget.value })}
            />
          )}
        </Field>
        <Field
          name="shortcut"
          label={t("templates.fields.shortcut")}
          hint={t("templates.shortcutText")}
          error={wrong === "shortcut" ? t("templates.wrong.shortcut") : undefined}
        >
          {(props) => (
            <input
              {...props}
              value={value.shortcut}
              spellCheck={false}
              autoCapitalize="none"
              onChange={(e) => onChange({ shortcut: e.currentTarget.value })}
            />
          )}
        </Field>
      </section>
      <section className={c.field}>
        <h3>{t("templates.fields.text")}</h3>
        <TemplateEditor
          key={editorKey}
          initial={words}
          invalid={textError !== undefined}
          describedBy={id}
          onChange={(content) => onChange({ body: JSON.stringify(content) })}
        />
        <div className={c.below}>
          <span id={id} data-error={textError ? true : undefined} role={textError ? "alert" : undefined}>
            {textError ?? t("templates.textText")}
          </span>
          <span className="num">
            {t("composer.count", {
              used: length.toLocaleString(),
              max: MAX_TEMPLATE_LENGTH.toLocaleString(),
            })}
          </span>
        </div>
      </section>
      <section className={a.setting}>
        <h2>{t("templates.fields.scope")}</h2>
        <Segments
          label={t("templates.fields.scope")}
          value={value.everybody ? "everybody" : "some"}
          options={[
            { value: "everybody", text: t("templates.everybody") },
            { value: "some", text: t("templates.some") },
          ]}
          onChange={(which) => onChange({ everybody: which === "everybody" })}
        />
        {!value.everybody && (
          <>
            <p>{t("templates.scopeText")}</p>
            <TwoColumns
              label={t("templates.fields.scope")}
              titles={{ left: t("templates.notFor"), right: t("templates.for") }}
              entries={entries}
              allowed={value.scope}
              before={before.scope}
              onChange={(scope) => onChange({ scope })}
            />
          </>
        )}
      </section>
    </>
  );
}
