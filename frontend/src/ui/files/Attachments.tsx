import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Attachment, OutboxFile } from "../../protocol";
import { type FileKind, kindOf, sizeOf } from "../../state/fileKind";
import { LinkButton } from "../base/parts";
import { useApp, useNet, useParley } from "../context";
import { Progress, told } from "./Chips";
import { FileName, FileSign } from "./FileSign";
import c from "./files.module.css";
import { Picture } from "./Picture";
import { useFileUrl } from "./useFileUrl";

/** A picture larger than this is loaded only when somebody wants to see it. */
const SHOWN_BYTES = 10_000_000;
const SHOWN_PIXELS = 40_000_000;

/** The files of a posted message: pictures are shown, videos and sounds played in place, all else is saved. */
export function Attachments({ files }: { files: Attachment[] | undefined }) {
  if (!files?.length) return null;
  return (
    <div className={c.files}>
      {files.map((file) => (
        <One key={file.id} file={file} />
      ))}
    </div>
  );
}

function One({ file }: { file: Attachment }) {
  const [failed, setFailed] = useState(false);
  const kind = kindOf(file);
  const url = useFileUrl(file.id);
  if (failed || !url) return <Card file={file} kind={kind} />;
  switch (kind) {
    case "image": {
      const pixels = (file.width ?? 0) * (file.height ?? 0);
      if (file.size > SHOWN_BYTES || pixels > SHOWN_PIXELS) return <Card file={file} kind={kind} />;
      return <Picture file={file} url={url} onError={() => setFailed(true)} />;
    }
    case "video":
      return (
        <figure className={c.media}>
          {/* biome-ignore lint/a11y/useMediaCaption: what people send has no captions */}
          <video
            src={url}
            controls
            preload="metadata"
            aria-label={file.name}
            onError={() => setFailed(true)}
          />
          <Card file={file} kind={kind} />
        </figure>
      );
    case "audio":
      return (
        <figure className={c.media}>
          {/* biome-ignore lint/a11y/useMediaCaption: likewise */}
          <audio
            src={url}
            controls
            preload="metadata"
            aria-label={file.name}
            onError={() => setFailed(true)}
          />
          <Card file={file} kind={kind} />
        </figure>
      );
    default:
      return <Card file={file} kind={kind} />;
  }
}

/** A file to be saved. A program is saved like all else, and never opened from here. */
function Card({ file, kind }: { file: Attachment; kind: FileKind }) {
  const { t } = useTranslation();
  const url = useFileUrl(file.id, true);
  const inside = (
    <>
      <FileSign kind={kind} name={file.name} />
      <span className={c.about}>
        <FileName name={file.name} />
        <span className={`${c.line} num`}>
          {kind === "program" && <em>{t("files.program")} </em>}
          {sizeOf(file.size)}
        </span>
      </span>
      {url && <IconDownload size={18} stroke={1.6} aria-hidden />}
    </>
  );
  if (!url) return <div className={c.card}>{inside}</div>;
  return (
    <a
      className={c.card}
      href={url}
      download={file.name}
      aria-label={t("files.save", { name: file.name, size: sizeOf(file.size) })}
    >
      {inside}
    </a>
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
              <LinkButton onClick={() => app.files.resume(file.id)}>{t("files.resumeShort")}</LinkButton>
            )}
            {going && <Progress file={{ name: file.name, size: file.size, sent }} />}
          </div>
        );
      })}
    </div>
  );
}
