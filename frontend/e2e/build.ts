import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The environment's word for the folder of the programs under test. */
export const PROGRAMS = "PARLEY_E2E_PROGRAMS";

/** Builds the server and the desktop core, once for all tests; they are removed afterwards. */
export default function build(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "parley-programs-"));
  // A module of its own, which is no part of the product.
  const openid = join(import.meta.dirname, "../../build/openid");
  execFileSync("go", ["build", "-o", join(folder, "openid"), "."], { cwd: openid });
  const packages = ["./backend/cmd/parley-server", "./app/cmd/parley-core"];
  execFileSync("go", ["build", "-o", folder, ...packages], { cwd: join(import.meta.dirname, "../..") });
  process.env[PROGRAMS] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
