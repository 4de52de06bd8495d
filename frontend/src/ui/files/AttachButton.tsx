import { IconPaperclip } from "@tabler/icons-react";
import { useRef } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { ConversationID } from "../../protocol";
import { IconButton } from "../base/parts";
import { useApp } from "../context";
import { ATTACH } from "./choose";

/** Chooses files from this computer. */
export function AttachButton({ id }: { id: ConversationID }) {
  const { t } = useTranslation();
  const app = useApp();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        {...ATTACH}
        aria-label={t("files.attach")}
        onChange={(e) => {
          app.writing.attach(id, [...(e.currentTarget.files ?? [])]);
          e.currentTarget.value = ""; // the same file may be chosen again
        }}
      />
      <IconButton
        icon={IconPaperclip}
        iconSize={18}
        label={t("files.attach")}
        hint={t("files.attachHint")}
        onClick={() => input.current?.click()}
      />
    </>
  );
}
