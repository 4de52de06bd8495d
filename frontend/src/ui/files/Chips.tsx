import { IconPlayerPauseFilled, IconPlayerPlayFilled, IconX } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useTranslation } from "../../i18n/useTranslation";
import { type ConversationID, MAX_FILE_BYTES } from "../../protocol";
import { kindOf, sizeOf } from "../../state/fileKind";
import type { Transfer } from "../../state/files";
import { IconButton } from "../base/parts";
import { useApp, useNet, useParley } from "../context";
import { FileName, FileSign } from "./FileSign";
import c from "./files.module.css";

/** The files that go with the message one is writing. */
export function Chips({ id }: { id: ConversationID }) {
  const { t } = useTranslation();
  const files = useParley((s) => s.files.filter((f) => f.conversationId === id && !f.named));
  if (files.length === 0) return null;
  return (
    <ul className={c.chips} aria-label={t("files.list")}>
      {files.map((file) => (
        <Chip key={file.id} file={file} />
      ))}
    </ul>
  );
}

function Chip({ file }: { file: Transfer }) {
  const { t } = useTranslation();
  const app = useApp();
  const offline = useNet().kind === "offline";
  const { id, name, state } = file;
  const going = state === "sending" || state === "waiting";
  return (
    <li className={c.chip} data-state={state}>
      <FileSign kind={kindOf({ name, type: "" })} name={name} picture={file.picture} />
      <span className={c.about}>
        <FileName name={name} />
        <span className={`${c.line} num`}>{told(t, file, offline)}</span>
      </span>
      {going && (
        <IconButton
          icon={IconPlayerPauseFilled}
          iconSize={14}
          size="sm"
          label={t("files.pause", { name })}
          onClick={() => app.writing.files.pause(id)}
        />
      )}
      {state === "paused" && (
        <IconButton
          icon={IconPlayerPlayFilled}
          iconSize={14}
          size="sm"
          label={t("files.resume", { name })}
          onClick={() => app.writing.files.resume(id)}
        />
      )}
      <IconButton
        icon={IconX}
        iconSize={16}
        size="sm"
        label={t("files.remove", { name })}
        onClick={() => app.writing.files.cancel(id)}
      />
      {state !== "arrived" && state !== "refused" && (
        <Progress label={t("files.progress", { name })} size={file.size} sent={file.sent} />
      )}
    </li>
  );
}

/** How far a file has come. */
export function Progress({ label, size, sent }: { label: string; size: number; sent: number }) {
  const percent = size > 0 ? Math.floor((sent / size) * 100) : 0;
  return (
    <span
      className={c.progress}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={{ inlineSize: `${percent}%` }} />
    </span>
  );
}

/** What there is to say of a file on its way, in one line. */
export function told(t: TFunction, file: Transfer, offline: boolean): string {
  const size = sizeOf(file.size);
  const sent = t("files.sent", { sent: sizeOf(file.sent), size });
  switch (file.state) {
    case "refused":
      return file.size > MAX_FILE_BYTES ? t("files.tooLarge", { size }) : (file.error?.text ?? "");
    case "arrived":
      return size;
    case "paused":
      return `${sent} · ${t("files.paused")}`;
    case "waiting":
      if (file.error && !offline) return file.error.text;
      return offline ? t("files.waiting") : file.sent > 0 ? `${sent} · ${t("files.again")}` : size;
    case "sending":
      return file.speed > 0
        ? `${sent} · ${t("files.speed", { speed: sizeOf(file.speed) })} · ${left(t, (file.size - file.sent) / file.speed)}`
        : sent;
  }
}

/** How long it still takes, for people. */
function left(t: TFunction, seconds: number): string {
  if (seconds < 1) return t("files.leftMoment");
  return seconds < 90
    ? t("files.leftSeconds", { count: Math.round(seconds) })
    : t("files.leftMinutes", { count: Math.round(seconds / 60) });
}
