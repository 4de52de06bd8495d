import { changedIn, changedMeanwhile, changeIn, type Edit, goOn, shownIn } from "../state/edit";
import { useForm } from "./useAdministration";

/** A form over something that others may change meanwhile. */
export interface Editing<T> {
  /** What the form shows. */
  value: T;
  /** What was true when the changing began, or somebody last went on after another's change; without changes what is true now. */
  before: T;
  /** The fields that saving would change, and those that somebody else has changed since one began. */
  changed: (keyof T)[];
  meanwhile: (keyof T)[];
  set: (part: Partial<T>) => void;
  /** Ends the changes: they are saved, or given up. */
  end: () => void;
  /** Goes on after somebody else's change. */
  goOn: (keep: "mine" | "theirs") => void;
}

/** Edits what is true `now`; what is not saved stays under the key while one looks elsewhere. */
export function useEdit<T extends object>(key: string, now: T): Editing<T> {
  const [edit, keep] = useForm<Edit<T>>(key);
  return {
    value: shownIn(edit, now),
    before: edit?.base ?? now,
    changed: changedIn(edit, now),
    meanwhile: changedMeanwhile(edit, now),
    set: (part) => keep(changeIn(edit, now, part)),
    end: () => keep(null),
    goOn: (which) => edit && keep(goOn(edit, now, which)),
  };
}
