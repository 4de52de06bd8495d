import { defineConfig } from "@playwright/test";

// The built page in the system's Chromium. `npm run build` first.
export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/build.ts",
  outputDir: "test-results",
  // Each file has its own servers, so files run side by side.
  workers: 2,
  reporter: "line",
  // On a machine that others share: a walk that passes only the second time is told as flaky.
  retries: process.env.CI ? 1 : 0,
  // Generous, so that a busy machine fails nothing: they only bound how long a real fault takes to show.
  timeout: 120_000,
  expect: { timeout: 20_000 },
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
