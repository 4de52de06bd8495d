import { type KeyboardEvent, useId, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { User, UserID } from "../../protocol";
import { matches } from "../../state/select";
import { Avatar } from "../../ui/base/Avatar";
import { Field } from "../../ui/base/Field";
import c from "./explain.module.css";

/** As many are offered; more are found by typing. */
const MOST = 8;

/** Chooses one person by typing: arrow keys move, Enter chooses, Escape leaves it as it was. */
export function PersonField({
  name,
  label,
  people,
  chosen,
  onChange,
}: {
  name: string;
  label: string;
  people: User[];
  chosen: UserID | undefined;
  onChange: (id: UserID) => void;
}) {
  const { t } = useTranslation();
  /** What was typed; null while one does not choose. */
  const [query, setQuery] = useState<string | null>(null);
  const [at, setAt] = useState(0);
  const base = useId();
  const found =
    query === null ? [] : people.filter((u) => matches(query, u.displayName, u.title)).slice(0, MOST);
  const marked = Math.min(at, found.length - 1);
  const take = (user: User | undefined) => {
    if (user) onChange(user.id);
    setQuery(null);
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step) {
      e.preventDefault();
      if (query === null) setQuery("");
      else setAt((marked + step + found.length) % Math.max(found.length, 1));
    } else if (e.key === "Enter" && query !== null && !e.nativeEvent.isComposing) {
      e.preventDefault();
      take(found[marked]);
    } else if (e.key === "Escape" && query !== null) {
      e.stopPropagation();
      setQuery(null);
    }
  };
  return (
    <div className={c.personField}>
      <Field name={name} label={label}>
        {(props) => (
          <input
            {...props}
            role="combobox"
            autoComplete="off"
            aria-expanded={found.length > 0}
            aria-controls={`${base}-list`}
            aria-activedescendant={found[marked] ? `${base}-${marked}` : undefined}
            value={query ?? people.find((u) => u.id === chosen)?.displayName ?? ""}
            placeholder={t("explain.typeName")}
            onChange={(e) => {
              setQuery(e.currentTarget.value);
              setAt(0);
            }}
            onFocus={(e) => e.currentTarget.select()}
            onKeyDown={onKeyDown}
            onBlur={() => setQuery(null)}
          />
        )}
      </Field>
      {found.length > 0 && (
        <div role="listbox" id={`${base}-list`} aria-label={label} className={c.options}>
          {found.map((u, i) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and names the marked one
            <div
              key={u.id}
              id={`${base}-${i}`}
              role="option"
              aria-selected={i === marked}
              onMouseDown={(e) => {
                e.preventDefault();
                take(u);
              }}
            >
              <Avatar name={u.displayName} size="md" />
              <span>{u.displayName}</span>
              <small>{[t(`role.${u.role}`), u.title].filter(Boolean).join(" · ")}</small>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
