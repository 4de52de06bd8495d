import { IconDownload, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Attachment, FileID, OutboxFile } from "../../protocol";
import { type FileKind, kindOf, sizeOf } from "../../state/fileKind";
import { IconButton, LinkButton } from "../base/parts";
import { useApp, useNet, useParley } from "../context";
import { Progress, told } from "./Chips";
import { FileName, FileSign } from "./FileSign";
import c from "./files.module.css";
import { Lightbox } from "./Lightbox";
import { Picture } from "./Picture";
import { isSaving, SaveLink } from "./SaveLink";
import { useFileUrl } from "./useFileUrl";

/** The files of a posted message: pictures are shown, videos and sounds played in place, all else is saved. */
export function Attachments({ files }: { files: Attachment[] | undefined }) {
  const [shown, setShown] = useState<FileID | null>(null);
  if (!files?.length) return null;
  const pictures = files.filter((f) => !f.withheld && kindOf(f) === "image");
  return (
    <div className={c.files}>
      {files.map((file) => (
        <One key={file.id} file={file} onShow={() => setShown(file.id)} />
      ))}
      {shown && <Lightbox files={pictures} first={shown} onClose={() => setShown(null)} />}
    </div>
  );
}

function One({ file, onShow }: { file: Attachment; onShow: () => void }) {
  const online = useNet().kind === "online";
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (online) setFailed(false); // what failed for want of a connection is tried again
  }, [online]);
  const kind = kindOf(file);
  if (file.withheld) return <Withheld file={file} />;
  if (failed) return <Card file={file} kind={kind} />;
  switch (kind) {
    case "image":
      return <Picture file={file} onShow={onShow} onError={() => setFailed(true)} />;
    case "video":
    case "audio":
      return <Media file={file} kind={kind} onError={() => setFailed(true)} />;
    default:
      return <Card file={file} kind={kind} />;
  }
}

/** A video or a sound, played in place as far as it has come. */
function Media({ file, kind, onError }: { file: Attachment; kind: "video" | "audio"; onError: () => void }) {
  const url = useFileUrl(file.id, "show");
  const Player = kind;
  if (!url) return <Card file={file} kind={kind} />;
  return (
    <figure className={c.media}>
      <Player src={url} controls preload="metadata" aria-label={file.name} onError={onError} />
      <Card file={file} kind={kind} />
    </figure>
  );
}

/** A file in which a virus was found: only what it was is there. */
function Withheld({ file }: { file: Attachment }) {
  const { t } = useTranslation();
  return (
    <div className={c.card} data-withheld>
      <FileSign kind="program" name={file.name} />
      <span className={c.about}>
        <FileName name={file.name} />
        <span className={c.line}>{t("files.withheld")}</span>
      </span>
    </div>
  );
}

/** A file to be saved. A program is saved like all else, and never opened from here. */
function Card({ file, kind }: { file: Attachment; kind: FileKind }) {
  const { t } = useTranslation();
  const app = useApp();
  const saving = useParley((s) => s.savings[file.id]);
  const going = isSaving(saving);
  return (
    <div className={c.savable}>
      <SaveLink
        file={file}
        className={c.card}
        label={t("files.save", { name: file.name, size: sizeOf(file.size) })}
      >
        <FileSign kind={kind} name={file.name} />
        <span className={c.about}>
          <FileName name={file.name} />
          <span className={`${c.line} num`}>
            {kind === "program" && <em>{t("files.program")} </em>}
            {going && saving
              ? t(saving.state === "waiting" ? "files.savingWaits" : "files.sent", {
                  sent: sizeOf(saving.got),
                  size: sizeOf(file.size),
                })
              : sizeOf(file.size)}
          </span>
        </span>
        {!going && <IconDownload size={18} stroke={1.6} aria-hidden />}
        {going && saving && (
          <Progress label={t("files.saving", { name: file.name })} size={file.size} sent={saving.got} />
        )}
      </SaveLink>
      {going && (
        <IconButton
          icon={IconX}
          iconSize={16}
          size="sm"
          label={t("files.stopSaving", { name: file.name })}
          onClick={() => app.reading.stop(file.id)}
        />
      )}
      <p className={c.outcome} role="status" data-failed={saving?.state === "failed" || undefined}>
        {saving?.state === "done" && t("files.saved", { name: saving.name })}
        {saving?.state === "failed" && (saving.error?.text ?? "")}
      </p>
    </div>
  );
}

/** The files of a message that is not posted yet, with how far they have come. */
export function PendingFiles({ files }: { files: OutboxFile[] | undefined }) {
  const { t } = useTranslation();
  const app = useApp();
  const offline = useNet().kind === "offline";
  const transfers = useParley((s) => s.files);
  if (!files?.length) return null;
  return (
    <div className={c.files}>
      {files.map((file) => {
        const transfer = transfers.find((x) => x.id === file.id);
        const sent = transfer?.sent ?? file.sent;
        // With a replica the page has handed it over, and is told how much of it the server has.
        const going = transfer
          ? transfer.state !== "arrived" && transfer.state !== "refused"
          : app.shell.replica && sent < file.size;
        return (
          <div key={file.id} className={c.card}>
            <FileSign
              kind={kindOf({ name: file.name, type: "" })}
              name={file.name}
              picture={transfer?.picture}
            />
            <span className={c.about}>
              <FileName name={file.name} />
              <span className={`${c.line} num`}>
                {transfer
                  ? told(t, transfer, offline)
                  : going
                    ? t("files.sent", { sent: sizeOf(sent), size: sizeOf(file.size) })
                    : sizeOf(file.size)}
              </span>
            </span>
            {transfer?.state === "paused" && (
              <LinkButton onClick={() => app.writing.files.resume(file.id)}>
                {t("files.resumeShort")}
              </LinkButton>
            )}
            {going && (
              <Progress label={t("files.progress", { name: file.name })} size={file.size} sent={sent} />
            )}
          </div>
        );
      })}
    </div>
  );
}
