import { useEffect } from "react";
import { useStore } from "zustand";
import type { AuditEntry, CommandArgs, CommandName, CommandOk, SubjectKind } from "../protocol";
import { type Asked, keyOf } from "../state/administration";
import { useApp, useParley } from "../ui/context";

const nothing: Asked<never> = { answer: null, failure: null };

/**
 * What a command that reads answers, for example `useAsked("user.list", {})`; asked again whenever the configuration
 * changes, from wherever. Pages that ask the same share one answer.
 */
export function useAsked<C extends CommandName>(command: C, args: CommandArgs[C]): Asked<CommandOk[C]> {
  const { administration } = useApp();
  const key = keyOf(command, args);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says everything of command and arguments
  useEffect(() => administration.watch(command, args), [administration, key]);
  return useStore(administration.store, (s) => (s.asked[key] as Asked<CommandOk[C]> | undefined) ?? nothing);
}

/**
 * A form of which nothing that was typed is lost while one looks elsewhere. `form` is null as long as nothing was
 * changed; `keep(null)` ends the changes.
 */
export function useForm<T>(key: string): [form: T | null, keep: (form: T | null) => void] {
  const { administration } = useApp();
  const form = useStore(administration.store, (s) => (s.forms[key] as T | undefined) ?? null);
  return [form, (next) => administration.keepForm(key, next)];
}

/** The last change of a thing, or of a field of it, that somebody else made while one was looking; null if there was none. */
export function useLastTold(kind: SubjectKind, id?: string, field?: string): AuditEntry | null {
  const { administration } = useApp();
  const me = useParley((s) => s.world.me?.user.id);
  return useStore(
    administration.store,
    (s) =>
      s.told.findLast(
        (e) =>
          e.subject.kind === kind &&
          (!id || e.subject.id === id) &&
          (!field || e.changes.some((change) => change.field === field)) &&
          e.byId !== me,
      ) ?? null,
  );
}
