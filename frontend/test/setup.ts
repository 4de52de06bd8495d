import { vi } from "vitest";
import { initTexts } from "../src/i18n/i18n";

// React then knows that tests wait for it.
(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
await initTexts("en");

// happy-dom has neither; Mantine and the virtual list ask for both while mounting.
window.matchMedia ??= vi.fn().mockImplementation((query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => {},
  removeEventListener: () => {},
}));
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
