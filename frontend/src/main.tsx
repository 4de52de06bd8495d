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
import { StrictMode, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { initTexts } from "./i18n/i18n";
import { detectShell } from "./shell/shell";
import { App } from "./state/app";
import { loadPreferences } from "./state/preferences";
import { cssVariables, theme } from "./styles/theme";
import { AppProvider } from "./ui/context";
import { Boundary, Root } from "./ui/Root";
import { TrayMenu } from "./ui/TrayMenu";

function Page({ app }: { app: App }) {
  useEffect(() => app.start(), [app]);
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
          <TrayMenu />
        </Boundary>
      </AppProvider>
    </MantineProvider>
  );
}

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
const app = new App(detectShell());
await initTexts(loadPreferences().language);
createRoot(root).render(
  <StrictMode>
    <Page app={app} />
  </StrictMode>,
);
