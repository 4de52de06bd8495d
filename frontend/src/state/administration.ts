import { createStore, type StoreApi } from "zustand/vanilla";
import { RequestError } from "../peer/peer";
import type { AuditEntry, CommandArgs, CommandName, CommandOk, Failure, Permission } from "../protocol";
import type { World } from "./world";

// What the pages of the administration know: the last answers of the commands that read, and forms with changes that
// are not saved. The hub decides who may ask; nothing in here grants anything.

/** Whether one may configure anything, as far as the page can tell; the hub decides again. */
export function mayConfigure(world: World): boolean {
  return maySeeSetup(world) || mayKeepTemplates(world);
}

/** Whether one may see users, permission sets and licenses. */
export function maySeeSetup(world: World): boolean {
  return mayConfigureAll(world) || (world.me?.permissions ?? []).some((p) => administers.has(p));
}

/** Whether one is an administrator: others see the pages alone that permission sets are for (SET-3). */
export function mayConfigureAll(world: World): boolean {
  return world.me?.user.role === "administrator";
}

/** The permissions that come with seeing users, permission sets and licenses. */
const administers: ReadonlySet<Permission> = new Set([
  "viewSetup",
  "manageUsers",
  "manageInternalUsers",
  "managePermissionSets",
  "assignPermissionSets",
]);

/** Whether one may keep templates, as far as the page can tell; the hub decides again. */
export function mayKeepTemplates(world: World): boolean {
  return mayConfigureAll(world) || (world.me?.permissions ?? []).includes("configureMessaging");
}

/** Whether one may add and change accounts, as far as the page can tell; the hub decides again, for each of them. */
export function mayEditUsers(world: World): boolean {
  return mayConfigureAll(world) || (world.me?.permissions ?? []).includes("manageInternalUsers");
}

/** Whether one may be named to watch others, as far as the page can tell; the hub decides again. */
export function mayWatch(world: World): boolean {
  return world.me?.user.role === "supervisor";
}

/** The last answer of a command that reads, and whether it may be out of date. */
export interface Asked<T> {
  /** Null until the first answer. Kept while asked again, and when that fails. */
  answer: T | null;
  /** Why the last asking failed; null if it did not. */
  failure: Failure | null;
}

export interface AdministrationState {
  /** By command and arguments; of those that somebody watches, and the lists that many pages begin with. */
  asked: Readonly<Record<string, Asked<unknown>>>;
  /** Forms with changes that are not saved, by a key of the form's own; they stay while one looks elsewhere. */
  forms: Readonly<Record<string, unknown>>;
  /** The last changes that were told, oldest first: who changed what while one was looking. */
  told: readonly AuditEntry[];
}

const TOLD = 200;

/**
 * Lists that stay when nobody watches them: large, and what the next page begins with. It shows them at once, while they are
 * asked for again.
 */
const lasting: ReadonlySet<CommandName> = new Set<CommandName>(["user.list", "set.list"]);

type Request = <C extends CommandName>(command: C, args: CommandArgs[C]) => Promise<CommandOk[C]>;

interface Watch {
  ask: () => Promise<unknown>;
  watchers: number;
  /** Whether an answer is under way, and whether what it will say is out of date already. */
  busy: boolean;
  again: boolean;
}

export class Administration {
  readonly store: StoreApi<AdministrationState> = createStore(() => ({ asked: {}, forms: {}, told: [] }));
  private readonly watches = new Map<string, Watch>();
  /** While many changes are made one after the other, asking again waits for the last. */
  private held = 0;

  constructor(private readonly request: Request) {}

  /** Asks, and asks again whenever the configuration changes, until the function returned is called. */
  watch<C extends CommandName>(command: C, args: CommandArgs[C]): () => void {
    const key = keyOf(command, args);
    const watch = this.watches.get(key) ?? {
      ask: () => this.request(command, args),
      watchers: 0,
      busy: false,
      again: false,
    };
    this.watches.set(key, watch);
    watch.watchers++;
    if (watch.watchers === 1) void this.load(key, watch);
    return () => {
      watch.watchers--;
      if (watch.watchers > 0) return;
      this.watches.delete(key);
      if (lasting.has(command)) return;
      const { [key]: _, ...asked } = this.store.getState().asked;
      this.store.setState({ asked });
    };
  }

  /** Asks everything again that is watched: the configuration has changed, or the connection was away. */
  refresh(): void {
    if (this.held > 0) return;
    for (const [key, watch] of this.watches) void this.load(key, watch);
  }

  /**
   * Gives a command that configures, and asks again what is watched.
   * @throws RequestError; `offline` leaves open whether it was done, `conflict` says that somebody was faster.
   */
  async give<C extends CommandName>(command: C, args: CommandArgs[C]): Promise<CommandOk[C]> {
    try {
      return await this.request(command, args);
    } finally {
      this.refresh();
    }
  }

  /** Makes many changes with give, one after the other; what is watched is asked again once, after the last. */
  async together(changes: () => Promise<void>): Promise<void> {
    this.held++;
    try {
      await changes();
    } finally {
      this.held--;
      this.refresh();
    }
  }

  /** Takes in what the hub tells administrators about changes, one's own included. */
  tell(entries: AuditEntry[]): void {
    if (entries.length === 0) return;
    this.store.setState({ told: [...this.store.getState().told, ...entries].slice(-TOLD) });
  }

  /** Keeps a form with changes that are not saved; null when they are, or are given up. */
  keepForm(key: string, form: unknown): void {
    const { [key]: _, ...others } = this.store.getState().forms;
    this.store.setState({ forms: form === null ? others : { ...others, [key]: form } });
  }

  /** Forgets everything: somebody else may sign in next. */
  forget(): void {
    this.store.setState({ asked: {}, forms: {}, told: [] });
  }

  private async load(key: string, watch: Watch): Promise<void> {
    if (watch.busy) {
      watch.again = true;
      return;
    }
    watch.busy = true;
    do {
      watch.again = false;
      try {
        this.keep(key, watch, { answer: await watch.ask(), failure: null });
      } catch (e) {
        if (!(e instanceof RequestError)) throw e;
        this.keep(key, watch, {
          answer: this.store.getState().asked[key]?.answer ?? null,
          failure: e.failure,
        });
      }
    } while (watch.again);
    watch.busy = false;
  }

  private keep(key: string, watch: Watch, asked: Asked<unknown>): void {
    if (this.watches.get(key) !== watch) return;
    this.store.setState({ asked: { ...this.store.getState().asked, [key]: asked } });
  }
}

/** What an asking is kept under. */
export function keyOf<C extends CommandName>(command: C, args: CommandArgs[C]): string {
  return `${command} ${JSON.stringify(args)}`;
}
