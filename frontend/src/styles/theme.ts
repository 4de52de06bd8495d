import {
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
  Menu,
  Modal,
  Popover,
  Tooltip,
} from "@mantine/core";
import floating from "./floating.module.css";

// Mantine wants ten shades; what is seen comes from the tokens through cssVariables below,
// these only keep its computed variants near the accent.
const petrol: MantineColorsTuple = [
  "#E3EFF2",
  "#CFE2E7",
  "#B9D4DB",
  "#8FBBC6",
  "#6FA5B3",
  "#4A8C9D",
  "#2A7F96",
  "#17657A",
  "#125467",
  "#0D4252",
];

/** Mantine dressed in Parley's tokens. */
export const theme = createTheme({
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 6 },
  colors: { petrol },
  fontFamily: "var(--font)",
  fontFamilyMonospace: "var(--font-mono)",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "16px", sm: "20px", md: "20px", lg: "24px", xl: "28px" },
  defaultRadius: 6,
  cursorType: "default",
  respectReducedMotion: true,
  components: {
    Tooltip: Tooltip.extend({
      defaultProps: {
        withArrow: false,
        offset: 6,
        transitionProps: { duration: 90 },
        multiline: true,
        maw: 320,
      },
      classNames: { tooltip: floating.tooltip },
    }),
    Menu: Menu.extend({
      // A menu stands beside its button, within the landmark that the button is in; fixed, so that nothing cuts it off.
      defaultProps: {
        shadow: "none",
        transitionProps: { duration: 90 },
        radius: 8,
        offset: 6,
        withinPortal: false,
        floatingStrategy: "fixed",
        withInitialFocusPlaceholder: false,
      },
      classNames: {
        dropdown: floating.menu,
        item: floating.item,
        itemSection: floating.section,
        label: floating.label,
        divider: floating.divider,
      },
    }),
    Popover: Popover.extend({
      defaultProps: { shadow: "none", transitionProps: { duration: 160 }, radius: 12 },
      classNames: { dropdown: floating.popover, arrow: floating.arrow },
    }),
    // Dialogs are put together from Modal's parts: the root has defaults of its own, the classes are Modal's.
    ModalRoot: { defaultProps: { transitionProps: { duration: 160 }, radius: 12, centered: true } },
    Modal: Modal.extend({
      classNames: {
        content: floating.modal,
        title: floating.modalTitle,
        overlay: floating.overlay,
      },
    }),
  },
});

/** Points Mantine's own variables at the tokens, so both change together with the scheme. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    "--mantine-color-body": "var(--bg)",
    "--mantine-color-text": "var(--text)",
    "--mantine-color-dimmed": "var(--text-3)",
    "--mantine-color-placeholder": "var(--text-3)",
    "--mantine-color-default": "var(--bg-raised)",
    "--mantine-color-default-border": "var(--line-strong)",
    "--mantine-color-default-hover": "var(--bg-hover)",
    "--mantine-color-anchor": "var(--accent-text)",
    "--mantine-color-error": "var(--red-text)",
    "--mantine-primary-color-filled": "var(--accent)",
    "--mantine-primary-color-filled-hover": "var(--accent-hover)",
  },
  light: {},
  dark: {},
});
