import { IconFileUpload } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { useTranslation } from "../../i18n/useTranslation";
import { mayEditUsers } from "../../state/administration";
import { Button } from "../../ui/base/parts";
import { useApp, useParley } from "../../ui/context";
import { Drawer } from "../Drawer";
import { SaveBar } from "../parts";
import { useForm } from "../useAdministration";
import { ChooseFile } from "./ChooseFile";
import { countsOf, Outcomes } from "./Outcomes";
import { FileProblem, Progress, Result } from "./Result";
import c from "./transfer.module.css";
import { type ImportState, UserImport } from "./userImport";

const KEY = "users.import";
const none = createStore<Pick<ImportState, "phase">>(() => ({ phase: "empty" }));

/** Opens the import; while one is under way it says so, wherever one looks meanwhile. */
export function ImportButton({ onOpen }: { onOpen: () => void }) {
  const { t } = useTranslation();
  const [users] = useForm<UserImport>(KEY);
  const importing = useStore(users?.store ?? none, (s) => s.phase === "importing");
  const may = useParley((s) => mayEditUsers(s.world));
  if (!may) return null;
  return (
    <Button onClick={onOpen}>
      <IconFileUpload size={16} stroke={1.7} aria-hidden />
      {t(importing ? "transfer.underWay" : "transfer.import")}
    </Button>
  );
}

/** The import that is under way, or a new one; it stays while one looks elsewhere. */
function useUserImport(): { users: UserImport; state: ImportState; end: () => void } {
  const { t } = useTranslation();
  const { administration } = useApp();
  const [kept, keep] = useForm<UserImport>(KEY);
  const [users] = useState(
    () =>
      kept ??
      new UserImport(
        (command, args) => administration.give(command, args),
        (name, line) => t("transfer.twice", { name, line }),
      ),
  );
  useEffect(() => administration.keepForm(KEY, users), [administration, users]);
  return { users, state: useStore(users.store), end: () => keep(null) };
}

/**
 * Imports users from a file: first all of it is checked and shown, then it is imported, in parts. Nothing is imported while anything
 * is refused.
 */
export function ImportUsers({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { administration } = useApp();
  const { users, state, end } = useUserImport();
  const { phase, outcomes } = state;
  const busy = phase === "checking" || phase === "importing";
  const counts = countsOf(outcomes);
  const body = useRef<HTMLDivElement>(null);
  // The button that began a step goes with it; who pressed it by keyboard stays in the drawer.
  useEffect(() => {
    if (phase !== "empty" && document.activeElement === document.body) body.current?.focus();
  }, [phase]);
  const together = (work: () => Promise<void>) => void administration.together(work);
  const close = () => {
    if (phase !== "importing") end();
    onClose();
  };
  const left = state.total - state.done;
  const goesOn = phase === "stopped" && left > 0;
  const changing = counts.created + counts.changed;
  const note =
    counts.refused > 0
      ? t("transfer.blocked", { count: counts.refused })
      : changing === 0
        ? t("transfer.nothing")
        : t("transfer.will");
  const change = phase === "checked" && counts.refused === 0 && changing > 0 ? users.change : null;
  return (
    <Drawer title={t("transfer.title")} unsaved={false} onClose={close}>
      <div className={c.body} ref={body} tabIndex={-1}>
        <ChooseFile
          fileName={state.fileName}
          busy={busy}
          onChoose={(file) => together(() => users.choose(file))}
        />
        <FileProblem state={state} onAgain={() => together(() => users.check())} />
        {busy && <Progress state={state} onStop={() => users.stop()} />}
        <Result state={state} counts={counts} />
        {outcomes.length > 0 && <Outcomes key={phase === "checking" ? 0 : 1} outcomes={outcomes} />}
      </div>
      {(phase === "checked" || goesOn) && !(phase === "checked" && state.failure) && (
        <SaveBar
          action={t(goesOn ? "transfer.goOn" : "transfer.run", { count: goesOn ? left : changing })}
          note={note}
          changes={change ? [change] : undefined}
          blocked={counts.refused > 0 || changing === 0}
          busy={false}
          dirty
          onCancel={() => users.reset()}
          onUpdate={() => together(() => users.run())}
        />
      )}
    </Drawer>
  );
}
