import { useTranslation } from "../../i18n/useTranslation";
import type { ConversationID } from "../../protocol";
import { useParley } from "../context";
import c from "./conversation.module.css";

/** Says who is typing. Its place is kept free, so that nothing moves when it comes and goes. */
export function TypingLine({ id }: { id: ConversationID }) {
  const { t } = useTranslation();
  const names = useParley((s) =>
    Object.keys(s.world.typing[id] ?? {}).flatMap((u) => s.world.people[u]?.displayName.split(" ")[0] ?? []),
  );
  return (
    <div className={c.typing}>
      {names.length > 0 && (
        <>
          <span className={c.dots} aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {t("conversation.typing", { name: names.join(", ") })}
        </>
      )}
    </div>
  );
}
