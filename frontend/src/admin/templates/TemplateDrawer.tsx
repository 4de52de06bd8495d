import { IconTrash, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { newUUID } from "../../peer/uuid";
import type { Attachment, ConversationID, TemplateListAnswer, TemplateRecord } from "../../protocol";
import { sizeOf } from "../../state/fileKind";
import { templateFilesAt } from "../../state/files";
import { Dialog } from "../../ui/base/Dialog";
import { Button, IconButton } from "../../ui/base/parts";
import { useApp, useParley } from "../../ui/context";
import { AttachButton } from "../../ui/files/AttachButton";
import { Chips } from "../../ui/files/Chips";
import { FileName } from "../../ui/files/FileSign";
import a from "../admin.module.css";
import { Drawer } from "../Drawer";
import { Meanwhile, SaveBar, SaveFailure, useSaving } from "../parts";
import s from "../sets/sets.module.css";
import { useLastTold } from "../useAdministration";
import { useEdit } from "../useEdit";
import { TemplateFields } from "./TemplateFields";
import { scopeText } from "./TemplatesPage";
import { emptyTemplate, formOf, type TemplateForm, templateOf, wordsOf, wrongIn } from "./templates";
import c from "./templates.module.css";

/** The id of the next new template: its files are sent for it before it is saved. */
const next = { id: newUUID() };

/** A template, or a new one: its words, its files, and whom it is for. */
export function TemplateDrawer({
  record,
  answer,
  onClose,
}: {
  /** Absent for a new one. */
  record: TemplateRecord | undefined;
  answer: TemplateListAnswer;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const app = useApp();
  const now = record ? formOf(record) : emptyTemplate;
  const edit = useEdit<TemplateForm>(`template.${record?.template.id ?? "new"}`, now);
  const { busy, failure, save } = useSaving();
  const told = useLastTold("template", record?.template.id);
  const [deleting, setDeleting] = useState(false);
  // Raised when the editor must show other words than those typed in it.
  const [round, setRound] = useState(0);
  const id = record?.template.id ?? next.id;
  const at = templateFilesAt(id);
  const files = useParley((state) => state.files.filter((f) => f.conversationId === at));
  const { value, changed } = edit;
  const dirty = changed.length > 0 || files.length > 0;
  const clash = edit.meanwhile.some((key) => changed.includes(key));
  const wrong = wrongIn(value, value.files.length + files.length);
  const waits = files.some((f) => f.state !== "arrived");
  const giveUp = () => {
    for (const f of files) app.writing.files.cancel(f.id);
    edit.end();
    setRound(round + 1);
  };
  const close = () => {
    giveUp();
    onClose();
  };
  const update = async () => {
    const content = templateOf(
      value,
      files.map((f) => f.id),
    );
    const done = record
      ? await save({ do: "template.update", args: { id, revision: record.revision, content } })
      : await save({ do: "template.create", args: { id, content } });
    if (!done) return;
    app.writing.files.drop(files.map((f) => f.id));
    edit.end();
    if (record) return;
    next.id = newUUID();
    onClose();
  };
  const says = (field: keyof TemplateForm): string => {
    switch (field) {
      case "body":
        return wordsOf(now).text;
      case "files":
        return (record?.template.attachments ?? []).map((f) => f.name).join(", ") || t("audit.nothing");
      case "everybody":
      case "scope":
        return (record && scopeText(answer, record)) || t("templates.everybody");
      default:
        return now[field] || t("audit.nothing");
    }
  };
  const note = clash
    ? t("admin.decideFirst")
    : !dirty
      ? t("admin.nothingChanged")
      : wrong
        ? t(`templates.wrong.${wrong}`)
        : waits
          ? t("templates.filesWait")
          : t(record ? "templates.will" : "templates.willCreate");
  return (
    <Drawer title={record ? record.template.name : t("templates.new")} unsaved={dirty} onClose={close}>
      <div className={a.form}>
        {record && (
          <div className={s.toolsEnd}>
            <Button size="sm" onClick={() => setDeleting(true)}>
              <IconTrash size={16} stroke={1.7} aria-hidden />
              {t("templates.delete")}
            </Button>
          </div>
        )}
        <TemplateFields
          value={value}
          before={now}
          wrong={dirty ? wrong : undefined}
          answer={answer}
          editorKey={`${id} ${round}`}
          onChange={edit.set}
        />
        <Files
          at={at}
          kept={(record?.template.attachments ?? []).filter((f) => value.files.includes(f.id))}
          onRemove={(file) => edit.set({ files: value.files.filter((one) => one !== file.id) })}
        />
        <Meanwhile
          by={told}
          changes={edit.meanwhile.map((key) => ({
            key,
            field: t(`templates.fields.${key}`),
            now: says(key),
          }))}
          clash={clash}
          onKeep={(which) => {
            edit.goOn(which);
            if (which === "theirs") setRound(round + 1);
          }}
        />
        <SaveFailure failure={failure} />
      </div>
      <SaveBar
        action={record ? undefined : t("templates.create")}
        note={note}
        blocked={clash || wrong !== undefined || waits}
        busy={busy}
        dirty={dirty}
        onCancel={giveUp}
        onUpdate={() => void update()}
      />
      {deleting && record && <Delete record={record} onDone={close} onClose={() => setDeleting(false)} />}
    </Drawer>
  );
}

/** The files that a template has, those that are on their way to it, and the button for more. */
function Files({
  at,
  kept,
  onRemove,
}: {
  at: ConversationID;
  kept: Attachment[];
  onRemove: (file: Attachment) => void;
}) {
  const { t } = useTranslation();
  return (
    <section className={a.setting}>
      <h2>{t("templates.files")}</h2>
      {kept.length > 0 && (
        <ul className={c.files} aria-label={t("templates.files")}>
          {kept.map((file) => (
            <li key={file.id}>
              <FileName name={file.name} />
              <small className="num">{sizeOf(file.size)}</small>
              <IconButton
                icon={IconX}
                iconSize={16}
                size="sm"
                label={t("files.remove", { name: file.name })}
                onClick={() => onRemove(file)}
              />
            </li>
          ))}
        </ul>
      )}
      <Chips id={at} />
      <div className={c.attach}>
        <AttachButton id={at} />
        <span>{t("templates.filesText")}</span>
      </div>
    </section>
  );
}

function Delete({
  record,
  onDone,
  onClose,
}: {
  record: TemplateRecord;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { busy, failure, save } = useSaving();
  const { id, name } = record.template;
  const remove = async () => {
    if (await save({ do: "template.delete", args: { id, revision: record.revision } })) onDone();
  };
  return (
    <Dialog title={t("templates.deleteTitle", { name })} width={440} onClose={onClose}>
      <div className={s.ask}>
        <p>{t("templates.deleteText")}</p>
        <SaveFailure failure={failure} />
        <div className={s.askEnd}>
          <Button data-autofocus onClick={onClose}>
            {t("admin.cancel")}
          </Button>
          <Button kind="primary" aria-disabled={busy} onClick={() => !busy && void remove()}>
            {t("templates.delete")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
