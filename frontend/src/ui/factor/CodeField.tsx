import { useTranslation } from "../../i18n/useTranslation";
import { Field } from "../base/Field";
import { LinkButton } from "../base/parts";
import c from "./factor.module.css";

/** The field for a code, of the authenticator or one of the recovery codes: whichever one has at hand. */
export function CodeField({
  error,
  recovery,
  onRecovery,
}: {
  error?: string;
  /** Whether a recovery code is meant. */
  recovery: boolean;
  /** Changes that; absent where only the authenticator will do. */
  onRecovery?: (recovery: boolean) => void;
}) {
  const { t } = useTranslation();
  return (
    <div className={c.code}>
      <Field
        name="code"
        label={t(recovery ? "factor.recoveryCode" : "factor.code")}
        hint={t(recovery ? "factor.recoveryCodeHint" : "factor.codeHint")}
        error={error}
      >
        {(props) => (
          <input
            {...props}
            // Another kind of code is another field: its keyboard differs, and what was typed does not fit.
            key={String(recovery)}
            ref={focusFirst}
            data-autofocus
            className="num"
            inputMode={recovery ? "text" : "numeric"}
            autoComplete="one-time-code"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={MAX_CODE}
          />
        )}
      </Field>
      {onRecovery && (
        <LinkButton onClick={() => onRecovery(!recovery)}>
          {t(recovery ? "factor.useCode" : "factor.useRecovery")}
        </LinkButton>
      )}
    </div>
  );
}

/** The longest code (chat.MaxCodeLength). */
const MAX_CODE = 64;

/** Wherever a code is asked for, it is the next thing to type. */
function focusFirst(input: HTMLInputElement | null): void {
  input?.focus();
}
