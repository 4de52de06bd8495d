import { describe, expect, test } from "vitest";
import type { MessagingSettings } from "../../protocol";
import { formOf, settingsOf, switched } from "./messaging";

const off: MessagingSettings = { replies: true, start: false, scope: "everyone", targets: [] };

/** What the settings are after the switch of Start was pressed so often. */
function pressed(before: MessagingSettings, times: number): MessagingSettings {
  let form = formOf(before);
  for (let i = 0; i < times; i++) form = { ...form, ...switched(form, formOf(before)) };
  return settingsOf(form);
}

describe("the switch of Start", () => {
  test("turned on, allows nobody until somebody is chosen", () => {
    expect(pressed(off, 1)).toEqual({ replies: true, start: true, scope: "users", targets: [] });
  });

  test("turned off and on again, is as it was", () => {
    const everyone = { ...off, start: true };
    expect(pressed(everyone, 2)).toEqual(everyone);
    const teams: MessagingSettings = { ...off, start: true, scope: "teams", targets: ["claims"] };
    expect(pressed(teams, 2)).toEqual(teams);
  });

  test("turned on, is back to what was chosen once", () => {
    const kept: MessagingSettings = { ...off, scope: "roles", targets: ["expert"] };
    expect(pressed(kept, 1)).toEqual({ ...kept, start: true });
  });
});
