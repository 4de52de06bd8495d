import { IconPencil, IconX } from "@tabler/icons-react";
import { Suspense, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { type Failure, MAX_TEXT_LENGTH, type Message } from "../../protocol";
import { lengthOf } from "../../state/document";
import type { Content } from "../../state/outbox";
import type { Face } from "../../state/rooms";
import { IconButton } from "../base/parts";
import { useApp, useParley } from "../context";
import { shortFailure } from "../why/reason";
import c from "./composer.module.css";
import { PlainEditor } from "./PlainEditor";
import { End, Length, RichEditor, Waiting } from "./parts";

/** Where one edits a message of one's own. What was begun for the next message stays a draft meanwhile. */
export function Rewriter({ message, face }: { message: Message; face: Face }) {
  const { t } = useTranslation();
  const app = useApp();
  const world = useParley((s) => s.world);
  const rich = world.me?.user.role !== "expert";
  const [length, setLength] = useState(() => lengthOf(message.text));
  const [failure, setFailure] = useState<Failure | null>(null);
  const save = (content: Content): boolean => {
    const n = lengthOf(content.text);
    if (n === 0 || n > MAX_TEXT_LENGTH) return false;
    void app.amend.save(content).then(setFailure);
    return false; // the words stay until they are saved
  };
  const props = {
    initial: { text: message.text, document: message.document },
    label: t("composer.editing"),
    placeholder: t("composer.editing"),
    onChange: (content: Content) => setLength(lengthOf(content.text.trim())),
    onSend: save,
    end: (press: () => void) => <End length={length} onSend={press} save />,
    autoFocus: true,
  };
  return (
    <div
      className={c.composer}
      data-composer
      data-plain={!rich || undefined}
      onKeyDownCapture={(e) => {
        if (e.key !== "Escape") return;
        e.preventDefault();
        e.stopPropagation();
        app.amend.cancel();
      }}
    >
      <div className={c.limits} data-editing>
        <IconPencil size={16} stroke={1.7} aria-hidden />
        <span className="cut">{t("composer.editing")}</span>
        {failure && (
          <strong role="alert">
            {failure.code === "offline" ? t("message.offline") : shortFailure(t, failure, world, face.name)}
          </strong>
        )}
        <IconButton
          icon={IconX}
          iconSize={16}
          size="sm"
          label={t("composer.cancelEdit")}
          hint={`${t("composer.cancelEdit")}  Esc`}
          onClick={() => app.amend.cancel()}
        />
      </div>
      <Length length={length} />
      {rich ? (
        <Suspense fallback={<Waiting />}>
          <RichEditor {...props} />
        </Suspense>
      ) : (
        <PlainEditor {...props} />
      )}
    </div>
  );
}
