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
  if (!next) faults.next = "missing";
  else if ([...next].length < MIN_PASSWORD_LENGTH) faults.next = "tooShort";
  else if (new TextEncoder().encode(next).length > MAX_PASSWORD_BYTES) faults.next = "tooLong";
  if (!again) faults.again = "missing";
  else if (!faults.next && again !== next) faults.again = "differ";
  return faults;
}
