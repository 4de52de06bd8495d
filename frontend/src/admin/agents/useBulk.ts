import { useState } from "react";
import { RequestError } from "../../peer/peer";
import type { UserUpdateArgs } from "../../protocol";
import { useApp } from "../../ui/context";

/** How far a change of many users is. */
export interface Bulk {
  done: number;
  total: number;
  /** The names of those who were not changed, each with the reason. */
  failed: { name: string; text: string }[];
}

/** A change of one user among many. */
export interface BulkChange {
  name: string;
  args: UserUpdateArgs;
}

/** Changes many users, one command for each; who cannot be changed holds up nobody else. */
export function useBulk(): {
  bulk: Bulk | null;
  busy: boolean;
  /** Says whether all were changed. */
  run: (changes: BulkChange[]) => Promise<boolean>;
  end: () => void;
} {
  const { administration } = useApp();
  const [bulk, setBulk] = useState<Bulk | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async (changes: BulkChange[]) => {
    const failed: Bulk["failed"] = [];
    setBusy(true);
    await administration.together(async () => {
      for (const [done, { name, args }] of changes.entries()) {
        setBulk({ done, total: changes.length, failed });
        try {
          await administration.give("user.update", args);
        } catch (e) {
          if (!(e instanceof RequestError)) throw e;
          failed.push({ name, text: e.failure.text });
        }
      }
    });
    setBulk({ done: changes.length, total: changes.length, failed });
    setBusy(false);
    return failed.length === 0;
  };
  return { bulk, busy, run, end: () => setBulk(null) };
}
