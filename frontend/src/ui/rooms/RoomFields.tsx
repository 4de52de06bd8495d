import { useTranslation } from "../../i18n/useTranslation";
import { MAX_NAME_LENGTH, MAX_TOPIC_LENGTH } from "../../protocol";
import { Field } from "../base/Field";

/** A room's name, which it cannot be without. */
export function RoomName({
  value,
  missing,
  onChange,
}: {
  value: string;
  missing: boolean;
  onChange: (name: string) => void;
}) {
  const { t } = useTranslation();
  return (
    <Field name="name" label={t("rooms.name")} error={missing ? t("rooms.nameMissing") : undefined}>
      {(props) => (
        <input
          {...props}
          data-autofocus
          value={value}
          maxLength={MAX_NAME_LENGTH}
          autoComplete="off"
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** What a room is about; the field that is written in first where there is none for the name. */
export function RoomTopic({
  value,
  first = false,
  onChange,
}: {
  value: string;
  first?: boolean;
  onChange: (topic: string) => void;
}) {
  const { t } = useTranslation();
  return (
    <Field name="topic" label={t("rooms.topic")} hint={t("rooms.topicHint")}>
      {(props) => (
        <input
          {...props}
          data-autofocus={first || undefined}
          value={value}
          maxLength={MAX_TOPIC_LENGTH}
          autoComplete="off"
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      )}
    </Field>
  );
}
