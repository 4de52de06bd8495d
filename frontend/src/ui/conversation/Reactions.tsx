import { useTranslation } from "../../i18n/useTranslation";
import type { Message } from "../../protocol";
import { useApp, useParley } from "../context";
import c from "./amend.module.css";

/** Names are told up to here; of more it is said how many they are. */
const MOST_NAMES = 12;

/** The reactions under a message, each with who gave it; a click joins or takes one's own away. */
export function Reactions({ message, mayPost }: { message: Message; mayPost: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const me = useParley((s) => s.world.me?.user.id ?? "");
  const people = useParley((s) => s.world.people);
  if (!message.reactions?.length) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is no part of a form
    <div className={c.reactions} role="group" aria-label={t("message.reactions")}>
      {message.reactions.map(({ emoji, userIds }) => {
        const mine = userIds.includes(me);
        const names = userIds
          .slice(0, MOST_NAMES)
          .map((id) => (id === me ? t("conversation.you") : (people[id]?.displayName ?? "…")));
        const more = userIds.length - names.length;
        const who =
          more > 0 ? t("message.andMore", { names: names.join(", "), count: more }) : names.join(", ");
        return (
          <button
            key={emoji}
            type="button"
            data-hint={who}
            data-hint-touch
            aria-pressed={mine}
            aria-disabled={!mine && !mayPost}
            aria-label={t("message.reaction", { emoji, names: who })}
            onClick={() => (mine || mayPost) && void app.react(message, emoji)}
          >
            <span aria-hidden>{emoji}</span>
            <span className="num" aria-hidden>
              {userIds.length}
            </span>
          </button>
        );
      })}
    </div>
  );
}
