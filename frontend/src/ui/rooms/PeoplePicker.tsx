import { IconCheck, IconSearch, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { User, UserID } from "../../protocol";
import { matches } from "../../state/select";
import { Avatar } from "../base/Avatar";
import { useParley } from "../context";
import { factsOf, reasonOf } from "../why/reason";
import { WhyLink } from "../why/Why";
import c from "./rooms.module.css";

/** As many are drawn; more are found by typing. */
const MOST = 60;
/** Of as many who cannot be chosen it is told why. */
const MISSED = 3;

/**
 * Chooses people: a field to search with, the list below, and those chosen as words that can be taken away. Arrow keys
 * move, Enter chooses, Backspace in the empty field takes the last one away.
 */
export function PeoplePicker({
  people,
  refused,
  chosen,
  onChange,
  autoFocus,
}: {
  people: User[];
  /** Those who cannot be chosen because of a rule: whoever looks for them is told why. */
  refused: User[];
  chosen: UserID[];
  onChange: (chosen: UserID[]) => void;
  /** Where a dialog begins. */
  autoFocus?: boolean;
}) {
  const { t } = useTranslation();
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const base = useId();
  const found = people.filter((u) => matches(query, u.displayName, u.title)).slice(0, MOST);
  const missed = (query.trim() || people.length === 0 ? refused : [])
    .filter((u) => matches(query, u.displayName, u.title))
    .slice(0, MISSED);
  const marked = Math.min(at, found.length - 1);

  useEffect(() => {
    list.current?.querySelector(`[data-at="${marked}"]`)?.scrollIntoView({ block: "nearest" });
  }, [marked]);

  const toggle = (user: User | undefined) => {
    if (!user) return;
    onChange(chosen.includes(user.id) ? chosen.filter((id) => id !== user.id) : [...chosen, user.id]);
    setQuery("");
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step) {
      e.preventDefault();
      setAt((marked + step + found.length) % Math.max(found.length, 1));
    } else if (e.key === "Enter" && !e.nativeEvent.isComposing) {
      e.preventDefault(); // the form is sent by its button
      toggle(found[marked]);
    } else if (e.key === "Backspace" && query === "" && chosen.length > 0) {
      onChange(chosen.slice(0, -1));
    }
  };

  return (
    <div className={c.picker}>
      <div className={c.search}>
        <IconSearch size={16} stroke={1.7} aria-hidden />
        {chosen.map((id) => {
          const name = [...people, ...refused].find((u) => u.id === id)?.displayName ?? "…";
          return (
            <button
              key={id}
              type="button"
              className={c.chosen}
              aria-label={t("rooms.remove", { name })}
              onClick={() => onChange(chosen.filter((other) => other !== id))}
            >
              {name}
              <IconX size={12} stroke={2} aria-hidden />
            </button>
          );
        })}
        <input
          role="combobox"
          data-autofocus={autoFocus}
          aria-label={t("rooms.search")}
          aria-expanded
          aria-controls={`${base}-list`}
          aria-activedescendant={found.length ? `${base}-${marked}` : undefined}
          placeholder={chosen.length ? undefined : t("rooms.search")}
          value={query}
          spellCheck={false}
          autoComplete="off"
          onChange={(e) => {
            setQuery(e.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      {found.length > 0 ? (
        <div
          className={c.options}
          role="listbox"
          aria-multiselectable
          id={`${base}-list`}
          aria-label={t("rooms.people")}
          ref={list}
        >
          {found.map((user, i) => {
            const selected = chosen.includes(user.id);
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the focus and the keys
              // biome-ignore lint/a11y/useFocusableInteractive: chosen by aria-activedescendant
              <div
                key={user.id}
                role="option"
                id={`${base}-${i}`}
                data-at={i}
                data-marked={i === marked || undefined}
                className={c.option}
                aria-selected={selected}
                onMouseMove={() => i !== marked && setAt(i)}
                // The field keeps the focus.
                onMouseDown={(e) => e.preventDefault()}
                onClick={() => toggle(user)}
              >
                <Avatar name={user.displayName} size="md" />
                <span className="cut">{user.displayName}</span>
                <small className="cut">{user.title || t(`role.${user.role}`)}</small>
                <span className={c.tick}>{selected && <IconCheck size={16} stroke={2} aria-hidden />}</span>
              </div>
            );
          })}
        </div>
      ) : (
        <p className={c.none} role="status" id={`${base}-list`}>
          {query.trim() ? t("list.noMatch", { query }) : t("rooms.nobody")}
        </p>
      )}
      {missed.map((user) => (
        <Refused key={user.id} user={user} />
      ))}
    </div>
  );
}

/** Says why somebody cannot be chosen. */
function Refused({ user }: { user: User }) {
  const { t } = useTranslation();
  const world = useParley((s) => s.world);
  const can = world.start[user.id];
  if (!can) return null;
  const { short } = reasonOf(t, can.rule, factsOf(t, world, user.displayName, can.rule));
  return (
    <p className={c.refused}>
      {t("rooms.cannot", { name: user.displayName, reason: short })}{" "}
      <WhyLink source={can} name={user.displayName} about={{ act: "invite", otherId: user.id }} />
    </p>
  );
}
