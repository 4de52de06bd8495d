import { readFile } from "node:fs/promises";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
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

// One bundle for three homes: the desktop window (wails://wails), the loopback core and
// the server. Relative asset addresses keep it free of where it is mounted.
export default defineConfig({
  base: "./",
  plugins: [react(), emojiNames],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    // A data: URI would need an exception in the content security policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
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
