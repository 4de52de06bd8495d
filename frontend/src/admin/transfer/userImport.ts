import { createStore, type StoreApi } from "zustand/vanilla";
import { RequestError } from "../../peer/peer";
import type { Failure, ImportedUser, UserImportAnswer, UserImportArgs } from "../../protocol";
import { doubles, type Part, partsOf, readUsers, tooLong } from "./split";

/**
 * The way of a file:
 *
 *     empty -> checking -> checked -> importing -> done
 *                 |                    |   ^
 *                 v                    v   |  (goes on with what is not imported yet)
 *               empty                 stopped
 */
export type Phase = "empty" | "checking" | "checked" | "importing" | "stopped" | "done";

/** Why a file cannot be read at all. */
export type FileFault =
  | { kind: "unreadable" | "encoding" | "nothing" | "tooLarge" }
  | { kind: "tooLong"; line: number }
  | { kind: "form"; text: string };

export interface ImportState {
  phase: Phase;
  fileName: string;
  fault: FileFault | null;
  /** All records of the file, and of how many it is known what they do, or (importing) that they are imported. */
  total: number;
  done: number;
  /** What the records do, in the order of the file, as far as it was told; of those that are imported, what they did. */
  outcomes: ImportedUser[];
  /** Why checking or importing ended early; null if one ended it oneself, or a record was refused. */
  failure: Failure | null;
  /** The records of which nobody knows whether they are imported: the connection broke before the answer. By line. */
  unknown: { first: number; last: number } | null;
}

/** The largest file: some hundred thousand users. */
const MAX_FILE_BYTES = 16 << 20;

const empty: ImportState = {
  phase: "empty",
  fileName: "",
  fault: null,
  total: 0,
  done: 0,
  outcomes: [],
  failure: null,
  unknown: null,
};

type Give = (command: "user.import", args: UserImportArgs) => Promise<UserImportAnswer>;

/** An import of users, from the choice of a file to its end. It goes on while nobody looks. */
export class UserImport {
  readonly store: StoreApi<ImportState> = createStore(() => empty);
  private parts: Part[] = [];
  private twice = new Map<number, string>();
  /** The revisions of the users who were there when the file was checked, by line. */
  private seen = new Map<number, number>();
  /** The parts that are imported. */
  private imported = 0;
  /** Raised whenever the file is given up or checked anew: what is under way is of no interest any more. */
  private round = 0;
  private stopping = false;

  /** @param twiceText says of a record that its name stands in an earlier line. */
  constructor(
    private readonly give: Give,
    private readonly twiceText: (name: string, line: number) => string,
  ) {}

  private get state(): ImportState {
    return this.store.getState();
  }

  /** Takes a file and checks all of it. */
  async choose(chosen: Pick<File, "name" | "size" | "arrayBuffer">): Promise<void> {
    this.reset();
    const round = this.round;
    const fileName = chosen.name;
    const refuse = (fault: FileFault) => this.store.setState({ ...empty, fileName, fault });
    if (chosen.size > MAX_FILE_BYTES) return void refuse({ kind: "tooLarge" });
    const content = await chosen.arrayBuffer().catch(() => null);
    if (round !== this.round) return;
    if (!content) return void refuse({ kind: "unreadable" });
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(content);
    } catch {
      return void refuse({ kind: "encoding" });
    }
    const file = readUsers(text);
    if (!file) return void refuse({ kind: "nothing" });
    const line = tooLong(file);
    if (line !== null) return void refuse({ kind: "tooLong", line });
    this.parts = partsOf(file);
    this.twice = new Map(
      [...doubles(file)].map(([line, { name, first }]) => [line, this.twiceText(name, first)]),
    );
    this.store.setState({ ...empty, fileName, total: file.records.length });
    await this.check();
  }

  /** Gives up the file. What was imported stays. */
  reset(): void {
    this.round++;
    this.parts = [];
    this.imported = 0;
    this.store.setState(empty);
  }

  /** Asks what each record would do. */
  async check(): Promise<void> {
    const round = ++this.round;
    this.imported = 0;
    this.seen.clear();
    this.store.setState({ phase: "checking", done: 0, outcomes: [], failure: null, unknown: null });
    for (const part of this.parts) {
      try {
        const { users } = await this.give("user.import", argsOf(part, true));
        if (round !== this.round) return;
        for (const { line, revision } of users) if (revision) this.seen.set(line, revision);
        const { done, outcomes } = this.state;
        const told = users.map((u) => this.withTwice(u));
        this.store.setState({ done: done + part.records.length, outcomes: [...outcomes, ...told] });
      } catch (e) {
        if (!(e instanceof RequestError)) throw e;
        if (round !== this.round) return;
        if (e.failure.code === "invalid")
          this.store.setState({
            ...empty,
            fileName: this.state.fileName,
            fault: { kind: "form", text: e.failure.text },
          });
        else this.store.setState({ phase: "checked", failure: e.failure });
        return;
      }
    }
    this.store.setState({ phase: "checked" });
  }

  /** Imports what is not imported yet. Records that do what they did already change nothing, so it may be repeated. */
  async run(): Promise<void> {
    const round = this.round;
    this.stopping = false;
    this.store.setState({ phase: "importing", done: this.recordsBefore(), failure: null, unknown: null });
    for (let part = this.parts[this.imported]; part; part = this.parts[this.imported]) {
      try {
        const { users, done } = await this.give("user.import", this.importOf(part));
        if (round !== this.round) return;
        if (done) this.imported++;
        this.replace(users);
        this.store.setState({ done: this.recordsBefore() });
        if (!done || (this.stopping && this.imported < this.parts.length)) {
          return this.store.setState({ phase: "stopped" });
        }
      } catch (e) {
        if (!(e instanceof RequestError)) throw e;
        if (round !== this.round) return;
        return this.store.setState({
          phase: "stopped",
          failure: e.failure,
          unknown: unknownOf(part, e.failure),
        });
      }
    }
    this.store.setState({ phase: "done" });
  }

  /** Ends the import after the part that is under way. */
  stop(): void {
    this.stopping = true;
  }

  /** The import as a command, where one command is all of it: what it means for people can be asked then. */
  get change(): { do: "user.import"; args: UserImportArgs } | null {
    const [part, ...more] = this.parts;
    return part && more.length === 0 ? { do: "user.import", args: this.importOf(part) } : null;
  }

  /** The command that imports a part: of the users as they were when the file was checked, so that nobody's change is taken back unseen. */
  private importOf(part: Part): UserImportArgs {
    const revisions = part.records.map(({ line }) => this.seen.get(line) ?? 0);
    return { ...argsOf(part, false), revisions };
  }

  private recordsBefore(): number {
    return this.parts.slice(0, this.imported).reduce((sum, part) => sum + part.records.length, 0);
  }

  /** Puts what a part did in the place of what it would have done. */
  private replace(users: ImportedUser[]): void {
    const by = new Map(users.map((u) => [u.line, u]));
    this.store.setState({ outcomes: this.state.outcomes.map((u) => by.get(u.line) ?? u) });
  }

  /** The hub sees a part; that a name stands in two of them is seen here. */
  private withTwice(u: ImportedUser): ImportedUser {
    const text = this.twice.get(u.line);
    if (text === undefined || u.outcome === "refused") return u;
    return { line: u.line, name: u.name, outcome: "refused", text };
  }
}

function argsOf(part: Part, dryRun: boolean): UserImportArgs {
  return { csv: part.csv, firstLine: part.firstLine, ...(dryRun ? { dryRun } : {}) };
}

/** Only a connection that breaks leaves open what became of a part. */
function unknownOf(part: Part, failure: Failure): ImportState["unknown"] {
  if (failure.code !== "offline") return null;
  const [first, last] = [part.records[0]?.line ?? 0, part.records.at(-1)?.line ?? 0];
  return { first, last };
}
