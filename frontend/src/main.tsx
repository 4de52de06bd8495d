import "@mantine/core/styles/baseline.css";
import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/global.css";
import "@mantine/core/styles/ScrollArea.css";
import "@mantine/core/styles/UnstyledButton.css";
import "@mantine/core/styles/VisuallyHidden.css";
import "@mantine/core/styles/Paper.css";
import "@mantine/core/styles/Popover.css";
import "@mantine/core/styles/CloseButton.css";
import "@mantine/core/styles/Loader.css";
import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import "@mantine/core/styles/Menu.css";
import "@mantine/core/styles/Tooltip.css";
import "./styles/tokens.css";
import "./styles/global.css";
import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { initTexts, preferredOf } from "./i18n/i18n";
import { stayOnDrop } from "./shell/drops";
import { detectShell } from "./shell/shell";
import { App } from "./state/app";
import { loadPreferences } from "./state/preferences";
import { cssVariables, theme } from "./styles/theme";
import { Hints } from "./ui/base/Hints";
import { AppProvider } from "./ui/context";
import { DeviceWords } from "./ui/DeviceWords";
import { Boundary, Root } from "./ui/Root";
import { TrayMenu } from "./ui/TrayMenu";

function Page({ app }: { app: App }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      withGlobalClasses={false}
    >
      <AppProvider app={app}>
        <Boundary>
          <Root />
          <Hints />
          <TrayMenu />
          <DeviceWords />
        </Boundary>
      </AppProvider>
    </MantineProvider>
  );
}

/** Nobody is left before an empty window for longer than this. */
const EMPTY_MS = 250;

/** Waits until it is known what the page shows first: the window would else be drawn twice as it opens. */
function decided(app: App): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stop();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, EMPTY_MS);
    const look = () => {
      const { world, peer } = app.state;
      if (world.me || peer.kind === "signedOut" || peer.kind === "offline" || peer.kind === "outdated")
        done();
    };
    const stop = app.store.subscribe(look);
    look();
  });
}

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
const shell = detectShell();
stayOnDrop(shell);
const app = new App(shell);
await initTexts(loadPreferences().language ?? preferredOf(navigator.languages));
app.start();
await decided(app);
createRoot(root).render(
  <StrictMode>
    <Page app={app} />
  </StrictMode>,
);
