import { expect, test } from "vitest";
import { RequestError } from "../../peer/peer";
import type { Failure, ImportedUser, UserImportAnswer, UserImportArgs } from "../../protocol";
import { readUsers } from "./split";
import { UserImport } from "./userImport";

/** An import whose commands are answered by hand, one after the other. */
function byHand() {
  const given: {
    args: UserImportArgs;
    answer: (ok?: Partial<UserImportAnswer>) => Promise<void>;
    fail: (failure: Failure) => Promise<void>;
  }[] = [];
  const settled = () => new Promise<void>((done) => setTimeout(done));
  const users = new UserImport(
    (_, args) =>
      new Promise((resolve, reject) => {
        given.push({
          args,
          answer: (ok) => {
            resolve({ users: outcomesOf(args), done: !args.dryRun, ...ok });
            return settled();
          },
          fail: (failure) => {
            reject(new RequestError(failure));
            return settled();
          },
        });
      }),
    (name, line) => `${name} stands in line ${line}`,
  );
  const choose = async (text: string) => {
    void users.choose(new File([text], "people.csv"));
    await settled();
  };
  return { users, given, choose, state: () => users.store.getState(), settled };
}

/** Every record of a part changes something. */
function outcomesOf(args: UserImportArgs): ImportedUser[] {
  const lines = readUsers(args.csv)?.records ?? [];
  return lines.map((r) => ({ line: r.line - 2 + (args.firstLine ?? 2), name: r.name, outcome: "changed" }));
}
const offline: Failure = { code: "offline", text: "There is no connection." };
const table = (n: number) => `name,title\n${Array.from({ length: n }, (_, i) => `user${i},x\n`).join("")}`;

test("a file is checked in parts, then imported in the same", async () => {
  const { users, given, choose, state, settled } = byHand();
  await choose(table(250));
  expect(state()).toMatchObject({ phase: "checking", total: 250, done: 0, fileName: "people.csv" });
  await given[0]?.answer();
  expect(state()).toMatchObject({ phase: "checking", done: 200 });
  await given[1]?.answer();
  expect(state()).toMatchObject({ phase: "checked", done: 250 });
  expect(state().outcomes.map((u) => u.line)).toEqual(Array.from({ length: 250 }, (_, i) => i + 2));
  void users.run();
  await settled();
  expect(state()).toMatchObject({ phase: "importing", done: 0 });
  await given[2]?.answer();
  expect(state()).toMatchObject({ phase: "importing", done: 200 });
  await given[3]?.answer();
  expect(state()).toMatchObject({ phase: "done", done: 250 });
  expect(given.map((g) => [g.args.dryRun ?? false, g.args.firstLine])).toEqual([
    [true, 2],
    [true, 202],
    [false, 2],
    [false, 202],
  ]);
});

test("it stops after the part that is under way, says what is imported, and goes on from there", async () => {
  const { users, given, choose, state, settled } = byHand();
  await choose(table(450));
  for (const i of [0, 1, 2]) await given[i]?.answer();
  void users.run();
  await settled();
  users.stop();
  expect(state().phase).toBe("importing");
  await given[3]?.answer();
  expect(state()).toMatchObject({ phase: "stopped", done: 200, failure: null, unknown: null });
  expect(given).toHaveLength(4);
  void users.run();
  await settled();
  expect(given[4]?.args.firstLine).toBe(202);
  await given[4]?.answer();
  users.stop(); // too late: the last part is under way
  await given[5]?.answer();
  expect(state()).toMatchObject({ phase: "done", done: 450 });
});

test("a connection that breaks leaves open one part, and repeating gives that again", async () => {
  const { users, given, choose, state, settled } = byHand();
  await choose(table(250));
  for (const i of [0, 1]) await given[i]?.answer();
  void users.run();
  await settled();
  await given[2]?.answer();
  await given[3]?.fail(offline);
  expect(state()).toMatchObject({
    phase: "stopped",
    done: 200,
    failure: offline,
    unknown: { first: 202, last: 251 },
  });
  void users.run();
  await settled();
  expect(given[4]?.args).toEqual(given[3]?.args);
  await given[4]?.fail({ code: "denied", text: "You may not." });
  expect(state()).toMatchObject({ phase: "stopped", done: 200, unknown: null, failure: { code: "denied" } });
});

test("what is refused meanwhile stops it, and is told", async () => {
  const { users, given, choose, state, settled } = byHand();
  await choose(table(2));
  await given[0]?.answer();
  void users.run();
  await settled();
  const refused: ImportedUser = { line: 3, name: "user1", outcome: "refused", text: "taken" };
  await given[1]?.answer({ done: false, users: [{ line: 2, name: "user0", outcome: "changed" }, refused] });
  expect(state()).toMatchObject({ phase: "stopped", done: 0, failure: null });
  expect(state().outcomes[1]).toEqual(refused);
});

test("a name that stands in two parts is refused", async () => {
  const { given, choose, state } = byHand();
  await choose(`${table(200)}USER7,x\n`);
  for (const i of [0, 1]) await given[i]?.answer();
  expect(state().outcomes[200]).toEqual({
    line: 202,
    name: "user7",
    outcome: "refused",
    text: "user7 stands in line 9",
  });
});

test("what is no table is said to be none, and another file may be chosen", async () => {
  const { given, choose, state, users } = byHand();
  await choose("name,title\n\n");
  expect(state()).toMatchObject({ phase: "empty", fault: { kind: "nothing" }, fileName: "people.csv" });
  await users.choose(new File([new Uint8Array([0x6e, 0xc1, 0x6e])], "latin1.csv"));
  expect(state()).toMatchObject({ phase: "empty", fault: { kind: "encoding" } });
  const gone = { name: "gone.csv", size: 10, arrayBuffer: () => Promise.reject(new Error("no such file")) };
  await users.choose({ ...gone, size: (16 << 20) + 1 });
  expect(state().fault).toEqual({ kind: "tooLarge" });
  await users.choose(gone);
  expect(state()).toMatchObject({ fileName: "gone.csv", fault: { kind: "unreadable" } });
  await choose(`name,title\nana,a\nben,"${"b".repeat(120_000)}\n`);
  expect(state().fault).toEqual({ kind: "tooLong", line: 3 });
  expect(given).toHaveLength(0);
  await choose("nmae\nana\n");
  await given[0]?.fail({ code: "invalid", text: 'the column "nmae" is not known' });
  expect(state()).toMatchObject({
    phase: "empty",
    fault: { kind: "form", text: 'the column "nmae" is not known' },
  });
  await choose(table(1));
  expect(state()).toMatchObject({ phase: "checking", fault: null });
});

test("a check that breaks off is repeated whole; a file that is given up is forgotten", async () => {
  const { users, given, choose, state, settled } = byHand();
  await choose(table(250));
  await given[0]?.answer();
  await given[1]?.fail(offline);
  expect(state()).toMatchObject({ phase: "checked", done: 200, failure: offline });
  void users.check();
  await settled();
  expect(state()).toMatchObject({ phase: "checking", done: 0, outcomes: [], failure: null });
  users.reset();
  await given[2]?.answer();
  expect(state()).toMatchObject({ phase: "empty", outcomes: [], total: 0 });
});

test("only what is one command can be asked for what it means", async () => {
  const { users, given, choose } = byHand();
  await choose(table(3));
  await given[0]?.answer();
  expect(users.change).toMatchObject({ do: "user.import", args: { firstLine: 2 } });
  await choose(table(201));
  expect(users.change).toBeNull();
});
