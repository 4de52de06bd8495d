import { IconEye, IconEyeOff } from "@tabler/icons-react";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import c from "./base.module.css";
import { IconButton } from "./parts";

/** What the input of a field takes over, so that label, hint and error belong to it. */
export interface InputProps {
  id: string;
  name: string;
  "aria-invalid": boolean;
  "aria-describedby": string | undefined;
}

interface FieldProps {
  name: string;
  label: string;
  /** What is wrong with what was typed; shown in place of the hint. */
  error?: string;
  /** What to know before typing. */
  hint?: string;
}

/** A labelled field of a form, with what is wrong with it below. */
export function Field({
  name,
  label,
  error,
  hint,
  children,
}: FieldProps & { children: (props: InputProps) => ReactNode }) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={c.labelled}>
      <label htmlFor={id}>{label}</label>
      <div className={c.field} data-outlined data-invalid={error ? true : undefined}>
        {children({
          id,
          name,
          "aria-invalid": error !== undefined,
          "aria-describedby": note ? `${id}-n` : undefined,
        })}
      </div>
      {note && (
        <small id={`${id}-n`} data-error={error ? true : undefined}>
          {note}
        </small>
      )}
    </div>
  );
}

/** A field for a password, which can be shown while typing. */
export function PasswordField({
  autoComplete,
  autoFocus,
  ...field
}: FieldProps & {
  autoComplete: "current-password" | "new-password";
  /** Where a dialog begins. */
  autoFocus?: boolean;
}) {
  const { t } = useTranslation();
  const [visible, setVisible] = useState(false);
  return (
    <Field {...field}>
      {(props) => (
        <>
          <input
            {...props}
            data-autofocus={autoFocus}
            type={visible ? "text" : "password"}
            autoComplete={autoComplete}
            autoCapitalize="none"
            spellCheck={false}
          />
          <IconButton
            icon={visible ? IconEyeOff : IconEye}
            size="sm"
            iconSize={16}
            label={t(visible ? "signIn.hide" : "signIn.show")}
            onClick={() => setVisible(!visible)}
          />
        </>
      )}
    </Field>
  );
}

/** Moves to the first field that is wrong, as it is named in the form. */
export function focusField(form: HTMLFormElement | null, name: string | undefined): void {
  if (name) form?.querySelector<HTMLInputElement>(`[name=${name}]`)?.focus();
}
