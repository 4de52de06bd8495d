import { execFileSync } from "node:child_process";
import { cpSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import type { Change, UserListAnswer, UserRecord } from "../src/protocol";
import { PROGRAMS } from "./build";
import { command, openPage, programs } from "./programs";
import { timed } from "./timed";

// How the administration feels with 5,000 users: each action's time from the press to the picture, told and not judged.
// MANY=folder npx playwright test many; docs/benchmark.md has what it said. The folder keeps the organisation for the next time, since
// hashing so many passwords takes minutes.

const { path, start } = programs();
const MANY = process.env.MANY;
const USERS = 5_000;
const PASSWORD = "long enough for all";

const first = [
  "Ana",
  "Bram",
  "Cleo",
  "Dario",
  "Elin",
  "Farid",
  "Greta",
  "Hugo",
  "Ines",
  "Jonas",
  "Kaja",
  "Lena",
];
const last = ["Adler", "Brook", "Castell", "Dorn", "Ellwart", "Frey", "Garrault", "Holm", "Ives", "Jansen"];

/** An organisation of one administrator, supervisors, experts and mostly agents, in 20 groups and 40 teams. */
function organisation(): string {
  const lines = ["name,display name,role,group,teams,password", `ida,Ida Quill,administrator,,,${PASSWORD}`];
  for (let i = 1; i < USERS; i++) {
    const role = i % 25 === 0 ? "supervisor" : i % 10 === 0 ? "expert" : "agent";
    const name = `${first[i % first.length]} ${last[i % last.length]} ${i}`;
    const group = role === "agent" ? `Group ${i % 20}` : "";
    lines.push(`user${i},${name},${role},${group},Team ${i % 40},${PASSWORD}`);
  }
  return `${lines.join("\n")}\n`;
}

/** Gives a command and returns the answer and how long it took, in ms, with making the connection for it. */
async function asked<T>(page: Page, name: string, args: unknown): Promise<[T, number]> {
  const start = performance.now();
  const { ok, error } = await command<T>(page, name, args);
  if (!ok) throw new Error(error?.text);
  return [ok, performance.now() - start];
}

test("the administration with 5,000 users", async ({ browser }) => {
  test.skip(!MANY, "measures, which takes minutes: set MANY to a folder");
  test.setTimeout(900_000);
  const made = join(MANY ?? "", "data");
  if (!existsSync(made)) {
    writeFileSync(path("people.csv"), organisation());
    execFileSync(join(process.env[PROGRAMS] ?? "", "parley-server"), [
      "user",
      "import",
      "--new",
      "--data",
      made,
      path("people.csv"),
    ]);
  }
  cpSync(made, path("many"), { recursive: true });
  const [, address] = await start("parley-server", [
    "serve",
    "--data",
    path("many"),
    "--listen",
    "127.0.0.1:0",
  ]);
  const page = await openPage(browser, address);
  const note = (what: string, ms: number) => console.log(`${Math.round(ms)} ms to ${what}`);
  await page.getByLabel("Name").fill("ida");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Conversations" })).toBeVisible();

  const rows = `document.querySelector("table[aria-rowcount]")?.getAttribute("aria-rowcount")`;
  const administration = page.getByRole("button", { name: "Administration" });
  note("open the agents' page", await timed(administration, `${rows} === "${USERS + 1}"`));
  const search = page.getByRole("searchbox", { name: "Filter agents" });
  note("search, first letter", await timed(search, `${rows} !== "${USERS + 1}"`, "l"));
  const gear = page.getByRole("button", { name: /^Messaging settings of Bram/ }).first();
  await search.fill("Bram Brook");
  note("open a drawer", await timed(gear, `document.querySelector("[role=dialog]")`));
  const drawer = page.getByRole("dialog");
  await drawer.getByRole("switch", { name: "Start" }).click();
  const columns = `document.querySelectorAll("[role=dialog] [role=listbox]").length === 2`;
  note("show 5,000 users in two columns", await timed(drawer.getByRole("radio", { name: "Users" }), columns));
  const left = `document.querySelector("[role=dialog] [role=listbox] [aria-setsize]")?.getAttribute("aria-setsize")`;
  const find = drawer.getByRole("searchbox", { name: /Disallowed/ });
  note("search in a column", await timed(find, `${left} !== "${USERS - 1}"`, "hol"));
  await find.fill("");
  const all = drawer.getByRole("button", { name: "Allow all that are shown", exact: true });
  note(
    "move all",
    await timed(
      all,
      `${left} === "${USERS - 1}" && document.querySelectorAll("[role=listbox]")[0].querySelectorAll("[role=option]").length === 0`,
    ),
  );
  const back = drawer.getByRole("button", { name: "Disallow all that are shown" });
  note(
    "move all back",
    await timed(
      back,
      `document.querySelectorAll("[role=listbox]")[1].querySelectorAll("[role=option]").length === 0`,
    ),
  );
  await drawer.getByRole("button", { name: "Cancel" }).click();
  await drawer.getByRole("button", { name: "Close" }).click();

  const licenses = page.getByRole("button", { name: "Licenses" });
  note("open licenses", await timed(licenses, `${rows} === "${USERS + 1}"`));
  await page.getByLabel("Choose all that are shown").check();
  const assign = page.getByRole("button", { name: /^License and sets of/ });
  note("open the license of all", await timed(assign, `document.querySelector("[role=dialog]")`));
  await drawer.getByRole("switch").click();
  const assigned = `document.querySelector("[role=dialog]")?.textContent.includes("5000 of 5000 changed")`;
  note("assign it to all", await timed(drawer.getByRole("button", { name: "Save" }), assigned));

  const o = { name: "Parley", messaging: false, mode: "everyone", replyWindowMs: 604_800_000, revision: 1 };
  const foretell = async (what: string, change: Change) =>
    note(`foretell ${what}`, (await asked(page, "change.preview", { changes: [change] }))[1]);
  await foretell("messaging off", { do: "organisation.update", args: { organisation: o } });
  const superiors = { ...o, messaging: true, mode: "superiorsOnly" };
  await foretell("superiors only", { do: "organisation.update", args: { organisation: superiors } });
  const [list] = await asked<UserListAnswer>(page, "user.list", {});
  const agent = list.users.find((u) => u.user.role === "agent") as UserRecord;
  const one = { userId: agent.user.id, revision: agent.revision };
  const settings = { replies: true, start: true, scope: "everyone", targets: [] };
  await foretell("one user's Start", { do: "settings.update", args: { ...one, settings, applyNow: true } });
  await foretell("one user's group", { do: "user.update", args: { ...one, group: "Group 7" } });
});
