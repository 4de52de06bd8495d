import { IconFileUpload } from "@tabler/icons-react";
import { type DragEvent, useRef, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { filesDropped } from "../../shell/drops";
import { Button } from "../../ui/base/parts";
import { useApp } from "../../ui/context";
import c from "./transfer.module.css";

/** Takes a file: chosen by the button, or dropped here. */
export function ChooseFile({
  fileName,
  busy,
  onChoose,
}: {
  /** The file that was chosen; empty if none was. */
  fileName: string;
  busy: boolean;
  onChoose: (file: File) => void;
}) {
  const { t } = useTranslation();
  const app = useApp();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (file: File | undefined) => {
    if (file && !busy) onChoose(file);
  };
  const onDrop = (e: DragEvent) => {
    e.preventDefault();
    setOver(false);
    // What cannot be read is not taken: the button is beside it.
    filesDropped(e.dataTransfer, app.shell).then(
      ([file]) => take(file),
      () => {},
    );
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button in it does the same
    <div
      className={c.choose}
      data-over={over || undefined}
      data-chosen={fileName ? true : undefined}
      onDragOver={(e) => {
        e.preventDefault();
        setOver(!busy);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <IconFileUpload size={fileName ? 20 : 28} stroke={1.4} aria-hidden />
      <p className={c.fileName}>{fileName || t("transfer.drop")}</p>
      <input
        ref={input}
        type="file"
        accept=".csv,text/csv"
        hidden
        onChange={(e) => {
          take(e.currentTarget.files?.[0]);
          e.currentTarget.value = ""; // the same file, mended, may be chosen again
        }}
      />
      <Button aria-disabled={busy} onClick={() => !busy && input.current?.click()}>
        {t(fileName ? "transfer.chooseOther" : "transfer.choose")}
      </Button>
      {!fileName && (
        <div className={c.help}>
          <p>{t("transfer.columns")}</p>
          <p>{t("transfer.meaning")}</p>
        </div>
      )}
    </div>
  );
}
