import { defineConfig } from "@playwright/test";

// The built page in the system's Chromium. `npm run build` first.
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  workers: 1,
  reporter: "line",
  timeout: 30_000,
  use: {
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox"],
    },
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    // Screenshots are taken of a page at rest.
    reducedMotion: "reduce",
  },
});
