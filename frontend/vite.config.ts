import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import react from "@vitejs/plugin-react";
import { build, type Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Puts the names of all emoji, in the languages of the page, into the bundle: nothing is fetched from elsewhere. */
const emojiNames: Plugin = {
  name: "emoji-names",
  async generateBundle() {
    for (const language of ["en", "de"])
      for (const file of ["data.json", "messages.json"])
        this.emitFile({
          type: "asset",
          fileName: `emoji/${language}/${file}`,
          source: await readFile(new URL(`node_modules/emojibase-data/${language}/${file}`, import.meta.url)),
        });
  },
};

/**
 * Builds the service worker, a program of its own, with the list of what the page consists of. Its version is a hash of all that,
 * itself included, so that a browser finds a newer page by the worker alone.
 */
const serviceWorker: Plugin = {
  name: "service-worker",
  enforce: "post",
  generateBundle: {
    order: "post",
    async handler(_, bundle) {
      const hash = createHash("sha256");
      const files = Object.keys(bundle).sort();
      for (const file of files) {
        const made = bundle[file];
        if (made) hash.update(file).update(made.type === "chunk" ? made.code : made.source);
      }
      for (const file of PUBLIC)
        hash.update(file).update(await readFile(new URL(`public/${file}`, import.meta.url)));
      const define = {
        __BUNDLE__: JSON.stringify({
          version: hash.digest("hex").slice(0, 16),
          files: [...files, ...PUBLIC],
        }),
      };
      const made = await build({
        configFile: false,
        logLevel: "warn",
        publicDir: false,
        define,
        build: {
          write: false,
          target: "es2022",
          lib: {
            entry: new URL("src/worker/worker.ts", import.meta.url).pathname,
            formats: ["iife"],
            name: "worker",
          },
        },
      });
      const output = Array.isArray(made) ? made[0] : made;
      const chunk = output && "output" in output ? output.output[0] : undefined;
      if (!chunk) throw new Error("the service worker was not built");
      this.emitFile({ type: "asset", fileName: "worker.js", source: chunk.code });
    },
  },
};

/** What lies in `public` and belongs to the page when there is no connection. */
const PUBLIC = ["parley.svg", "icons/192.png"];

// One bundle for three homes: the desktop window (wails://wails), the loopback core and
// the server. Relative asset addresses keep it free of where it is mounted.
export default defineConfig({
  base: "./",
  plugins: [react(), emojiNames, serviceWorker],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    // A data: URI would need an exception in the content security policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    // What the first sight needs comes in one file: ninety small ones take a window longer to ask for than to run.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "page", tags: ["$initial"] }] } } },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["./test/setup.ts"],
    restoreMocks: true,
    // The tests leave nothing behind, so one document a worker does for all of them.
    isolate: false,
  },
});
