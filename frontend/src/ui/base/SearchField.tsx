import { IconSearch, IconX } from "@tabler/icons-react";
import { useTranslation } from "../../i18n/useTranslation";
import c from "./base.module.css";
import { IconButton } from "./parts";

/** The search field at the head of a list. Escape empties it; ArrowDown goes into the list. */
export function SearchField({
  label,
  value,
  onChange,
  onEnter,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Opens the first thing found. */
  onEnter: () => void;
}) {
  const { t } = useTranslation();
  return (
    <div className={c.field}>
      <IconSearch size={16} stroke={1.7} aria-hidden />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        data-list-search=""
        spellCheck={false}
        autoComplete="off"
        onChange={(e) => onChange(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key === "Escape") {
            if (value) onChange("");
            else e.currentTarget.blur();
          } else if (e.key === "Enter") {
            onEnter();
          } else if (e.key === "ArrowDown") {
            e.preventDefault();
            e.currentTarget.closest("section")?.querySelector<HTMLElement>("li button")?.focus();
          }
        }}
      />
      {value && (
        <IconButton
          icon={IconX}
          size="sm"
          iconSize={14}
          label={t("list.clear")}
          onClick={() => onChange("")}
        />
      )}
    </div>
  );
}
