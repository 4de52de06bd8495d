import { useState } from "react";
import { RequestError } from "../../peer/peer";
import { type Failure, MAX_UPDATED_USERS, type UserRecord, type UserRevision } from "../../protocol";
import { useApp } from "../../ui/context";

/** How far a change of many users is. */
export interface Bulk {
  done: number;
  total: number;
  /** Who was not changed, and why: together as they stood in one command. */
  failed: { users: UserRecord[]; failure: Failure }[];
}

/** A change that many users get alike. */
export interface BulkChange {
  users: UserRecord[];
  /** Gives the command that changes these users, all of them or none; at most MAX_UPDATED_USERS. */
  give: (users: UserRevision[]) => Promise<unknown>;
}

/** Changes many users, as many at a time as one command takes. */
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
    const total = changes.reduce((sum, change) => sum + change.users.length, 0);
    const failed: Bulk["failed"] = [];
    let done = 0;
    setBusy(true);
    await administration.together(async () => {
      const attempt = async ({ users, give }: BulkChange): Promise<void> => {
        try {
          await give(users.map((u) => ({ userId: u.user.id, revision: u.revision })));
        } catch (e) {
          if (!(e instanceof RequestError)) throw e;
          if (users.length > 1 && concernsSome(e.failure)) {
            for (const half of inParts(users, Math.ceil(users.length / 2))) {
              await attempt({ users: half, give });
            }
            return;
          }
          failed.push({ users, failure: e.failure });
        }
        done += users.length;
        setBulk({ done, total, failed });
      };
      setBulk({ done, total, failed });
      for (const { users, give } of changes) {
        for (const part of inParts(users, MAX_UPDATED_USERS)) await attempt({ users: part, give });
      }
    });
    setBusy(false);
    return failed.length === 0;
  };
  return { bulk, busy, run, end: () => setBulk(null) };
}

/** Whether a refusal may be about one of the users alone, who must not hold up all others. */
const concernsSome = ({ code }: Failure) => code === "denied" || code === "unknown";

/** Cuts a list into parts of at most `most`. */
export function inParts<T>(list: T[], most: number): T[][] {
  const parts: T[][] = [];
  for (let i = 0; i < list.length; i += most) parts.push(list.slice(i, i + most));
  return parts;
}
