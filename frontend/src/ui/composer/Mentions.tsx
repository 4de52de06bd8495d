import { type KeyboardEvent, type RefObject, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { ConversationID, User } from "../../protocol";
import { mentionBefore, proposed } from "../../state/mentions";
import { Avatar } from "../base/Avatar";
import { useApp } from "../context";
import c from "./composer.module.css";
import type { EditorHandle } from "./editor";

/** Who is proposed after "@", and which of them the keys would take. */
interface Proposal {
  typed: string;
  people: User[];
  chosen: number;
}

/**
 * Proposes people while one types their name after "@". `look` is to be called whenever the words or the caret may have changed,
 * `onKey` before any other key; it takes the key if it is about the proposal.
 */
export function useMentions(id: ConversationID, handle: RefObject<EditorHandle | null>) {
  const app = useApp();
  const [proposal, setProposal] = useState<Proposal | null>(null);

  const look = () => {
    const typed = mentionBefore(handle.current?.before() ?? "");
    const people = typed === null ? [] : proposed(app.state.world, id, typed);
    if (typed === null || people.length === 0) setProposal(null);
    else if (typed !== proposal?.typed) setProposal({ typed, people, chosen: 0 });
  };
  const take = (user: User | undefined) => {
    if (!proposal || !user) return;
    handle.current?.replace(proposal.typed.length, `${user.displayName} `);
    setProposal(null);
  };
  const onKey = (e: KeyboardEvent): boolean => {
    if (!proposal || e.nativeEvent.isComposing) return false;
    const { people, chosen } = proposal;
    const step = e.key === "ArrowDown" ? 1 : e.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setProposal({ ...proposal, chosen: (chosen + step + people.length) % people.length });
    else if (e.key === "Enter" || e.key === "Tab") take(people[chosen]);
    else if (e.key === "Escape") setProposal(null);
    else return false;
    e.preventDefault();
    e.stopPropagation();
    return true;
  };
  return { proposal, look, onKey, take };
}

/** The people who are proposed, above what one writes. */
export function Proposed({ proposal, onTake }: { proposal: Proposal | null; onTake: (user: User) => void }) {
  const { t } = useTranslation();
  const chosen = proposal?.people[proposal.chosen];
  return (
    <>
      <span className="vh" role="status">
        {proposal &&
          chosen &&
          t("composer.proposed", { name: chosen.displayName, count: proposal.people.length })}
      </span>
      {proposal && (
        <div className={c.proposed} role="listbox" aria-label={t("composer.mention")}>
          {proposal.people.map((user) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the focus stays where one writes; keys choose from there
            <div
              key={user.id}
              role="option"
              aria-selected={user === chosen}
              onMouseDown={(e) => {
                e.preventDefault();
                onTake(user);
              }}
            >
              <Avatar name={user.displayName} size="md" />
              <span className="cut">{user.displayName}</span>
              {user.title && <small className="cut">{user.title}</small>}
            </div>
          ))}
        </div>
      )}
    </>
  );
}
