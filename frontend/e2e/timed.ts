import type { Locator } from "@playwright/test";

// For measures: they are told, and nothing is judged by them.

/** Presses something and returns how long it takes until the page shows what is expected, drawn, in ms. */
export function timed(target: Locator, until: string, value?: string): Promise<number> {
  return target.evaluate(
    async (element, [until, value]) => {
      const frame = () => new Promise(requestAnimationFrame);
      const shown = new Function(`return ${until}`) as () => unknown;
      await frame();
      const start = performance.now();
      if (value === undefined) {
        (element as HTMLElement).click();
      } else {
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(element, value);
        element.dispatchEvent(new Event("input", { bubbles: true }));
      }
      while (!shown()) {
        if (performance.now() - start > 60_000) throw new Error(`still waiting for ${until}`);
        await frame();
      }
      await frame();
      return performance.now() - start;
    },
    [until, value] as const,
  );
}
