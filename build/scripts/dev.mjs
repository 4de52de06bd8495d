// Live reload for work on the interface: a demo server, and Vite before it. Open the address that Vite prints and sign in as
// one of the people the server prints; every saved file shows at once. Ctrl-C ends both.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const frontend = path.join(root, "frontend");
const listen = "127.0.0.1:8091"; // beside a running "make demo"
const target = `http://${listen}`;

const data = path.join(root, "build", ".demo", "dev-server");
const server = spawn(path.join(root, "build", "bin", "parley-server"), ["demo", "--data", data, "--listen", listen], {
  stdio: "inherit",
});
server.on("exit", (code) => process.exit(code ?? 1));
process.on("exit", () => server.kill());

// Vite is a module of the frontend's.
const vitePackage = createRequire(path.join(frontend, "package.json")).resolve("vite/package.json");
const { createServer } = await import(pathToFileURL(path.join(path.dirname(vitePackage), "dist", "node", "index.js")));

// The server admits its own origin only, so what goes through the proxy says that.
const proxy = { target, changeOrigin: true, rewriteWsOrigin: true, ws: true, headers: { origin: target } };
const vite = await createServer({
  root: frontend,
  server: { host: "127.0.0.1", proxy: { "/v1": proxy, "/healthz": proxy, "/readyz": proxy } },
});
await vite.listen();
vite.printUrls();
