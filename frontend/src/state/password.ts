import { MAX_PASSWORD_BYTES, MIN_PASSWORD_LENGTH } from "../protocol";

/** What somebody typed to change their password. */
export interface PasswordForm {
  old: string;
  next: string;
  again: string;
}

export type PasswordFault = "missing" | "tooShort" | "tooLong" | "differ";

/** What is wrong with each field before anything is asked of the hub, by its own measure; empty when nothing is. */
export function faultsOf({
  old,
  next,
  again,
}: PasswordForm): Partial<Record<keyof PasswordForm, PasswordFault>> {
  const faults: Partial<Record<keyof PasswordForm, PasswordFault>> = {};
  if (!old) faults.old = "missing";
  const fault = passwordFault(next);
  if (fault) faults.next = fault;
  if (!again) faults.again = "missing";
  else if (!faults.next && again !== next) faults.again = "differ";
  return faults;
}

/** What is wrong with a new password; undefined when nothing is. */
export function passwordFault(password: string): Exclude<PasswordFault, "differ"> | undefined {
  if (!password) return "missing";
  if ([...password].length < MIN_PASSWORD_LENGTH) return "tooShort";
  if (new TextEncoder().encode(password).length > MAX_PASSWORD_BYTES) return "tooLong";
  return undefined;
}
