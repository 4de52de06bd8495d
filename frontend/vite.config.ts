import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// One bundle for three homes: the desktop window (wails://wails), the loopback core and
// the server. Relative asset addresses keep it free of where it is mounted.
export default defineConfig({
  base: "./",
  plugins: [react()],
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
