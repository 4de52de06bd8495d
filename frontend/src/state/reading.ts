import i18next from "i18next";
import type { StoreApi } from "zustand/vanilla";
import { RequestError } from "../peer/peer";
import type { CommandArgs, CommandName, CommandOk, FileID, Saving, Signal } from "../protocol";
import type { Shell } from "../shell/shell";
import type { AppState } from "./appState";

/** How a file is read: to be shown, to be saved, or as the small copy of a picture. */
export type FileUse = "show" | "save" | "preview";

type Ask = <N extends CommandName>(name: N, args: CommandArgs[N]) => Promise<CommandOk[N]>;

/** Files of messages on their way to this computer: where they are read, and how those are that are being saved. */
export class Reading {
  constructor(
    private readonly store: StoreApi<AppState>,
    private readonly shell: Pick<Shell, "replica" | "filesAt" | "saveFile" | "stopSaving">,
    private readonly ask: Ask,
    private readonly fail: (e: RequestError) => void,
  ) {}

  /**
   * Where a file is read. With a replica the address holds a ticket, since a picture can show no token.
   * @throws RequestError if there is no connection.
   */
  async url(id: FileID, use: FileUse): Promise<string> {
    const at = `${this.shell.filesAt}/${id}`;
    const query = use === "show" ? "" : `${use}=1`;
    if (!this.shell.replica) return query ? `${at}?${query}` : at;
    const { ticket } = await this.ask("file.ticket", { id });
    return `${at}?ticket=${ticket}${query && `&${query}`}`;
  }

  /** Whether a dialog of the system asks where files are to be saved. */
  get asks(): boolean {
    return this.shell.saveFile !== undefined;
  }

  /** Saves a file where its user says. What goes wrong then stands at the file. */
  save(id: FileID, name: string): void {
    this.shell.saveFile?.(id, name).catch((e: unknown) => {
      const text = i18next.t("files.noDialog", { reason: e instanceof Error ? e.message : String(e) });
      this.fail(new RequestError({ code: "internal", text }));
    });
  }

  /** Gives up a file that is being saved. */
  stop(id: FileID): void {
    this.shell.stopSaving?.(id);
  }

  /** Takes what a replica says of a file that is being saved; false if the signal is about something else. */
  take(signal: Signal): boolean {
    if (signal.type !== "saving" || !signal.saving) return false;
    this.store.setState({ savings: savingsAfter(this.store.getState().savings, signal.saving) });
    return true;
  }

  forget(): void {
    this.store.setState({ savings: {} });
  }
}

/** What is known of savings once one has changed. Of one that was given up there is nothing to say. */
export function savingsAfter(
  savings: Readonly<Record<FileID, Saving>>,
  one: Saving,
): Readonly<Record<FileID, Saving>> {
  const { [one.fileId]: _, ...others } = savings;
  return one.state === "stopped" ? others : { ...others, [one.fileId]: one };
}
