import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import de from "./de.json";
import en from "./en.json";

type Texts = { [key: string]: string | Texts };

function flat(texts: Texts, path = ""): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value] as [string, string]] : flat(value, `${path}${key}.`),
  );
}
const english = flat(en);
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1] ?? "");

describe("German has one word for a thing", () => {
  // What Quick Find looks into holds what people may call it, too.
  const texts = flat(de).filter(([key]) => !key.endsWith(".words"));
  test.each([
    ["Warteschlange", /Queue/],
    ["ablehnen", /[vV]erweiger/],
    ["Start, as the name of the setting", /\bBeginnen\b/],
    ["Berechtigungssatz", /Rechtes[aä]tz/],
    ["Edition", /Ausgabe/],
    ["Modus", /Betriebsart/],
    ["Kunden", /Kundschaft/],
    ["Unterhaltung", /Gespräch/],
    ["Mitschrift", /Verläufe|Transkript/],
    ["Änderungsprotokoll", /\bProtokoll|Audit/],
    ["Warteschlange, Reiter, Konto", /\bTab\b|Account/],
    ["Berechtigungssatz, Lizenz", /Permission|License/],
  ])("%s", (_, other) => {
    expect(texts.filter(([, text]) => other.test(text))).toEqual([]);
  });
});

describe("each text is told what it needs", () => {
  /** Reads all sources of the page. */
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\./.test(name))
    .map((name) => {
      const path = join("src", name);
      return ts.createSourceFile(
        path,
        readFileSync(path, "utf8"),
        ts.ScriptTarget.ES2022,
        true,
        ts.ScriptKind.TSX,
      );
    });

  /** The keys that an argument may stand for, each as it may look. */
  function keysOf(arg: ts.Expression): RegExp[] {
    if (ts.isAsExpression(arg) || ts.isParenthesizedExpression(arg)) return keysOf(arg.expression);
    if (ts.isStringLiteralLike(arg)) return [new RegExp(`^${literal(arg.text)}(_one|_other)?$`)];
    if (ts.isConditionalExpression(arg)) return [...keysOf(arg.whenTrue), ...keysOf(arg.whenFalse)];
    if (!ts.isTemplateExpression(arg)) return [];
    const parts = arg.templateSpans.flatMap((s) => [partOf(s.expression), literal(s.literal.text)]);
    return [new RegExp(`^${literal(arg.head.text)}${parts.join("")}(_one|_other)?$`)];
  }
  function partOf(e: ts.Expression): string {
    if (ts.isConditionalExpression(e)) return `(?:${partOf(e.whenTrue)}|${partOf(e.whenFalse)})`;
    return ts.isStringLiteralLike(e) ? literal(e.text) : "[^.]+";
  }
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

  /** The names of what is told, or undefined where they do not stand there. */
  function toldBy(options: ts.Expression | undefined): string[] | undefined {
    if (!options) return [];
    if (!ts.isObjectLiteralExpression(options)) return undefined;
    const names: string[] = [];
    for (const p of options.properties) {
      if (ts.isSpreadAssignment(p)) return undefined;
      if (p.name) names.push(p.name.getText());
    }
    return names;
  }

  const calls: { at: string; keys: RegExp[]; told: string[] | undefined }[] = [];
  for (const file of sources) {
    const look = (node: ts.Node): void => {
      if (
        ts.isCallExpression(node) &&
        /^(i18next\.)?t$/.test(node.expression.getText()) &&
        node.arguments[0]
      ) {
        const { line } = file.getLineAndCharacterOfPosition(node.getStart());
        calls.push({
          at: `${file.fileName}:${line + 1}`,
          keys: keysOf(node.arguments[0]),
          told: toldBy(node.arguments[1]),
        });
      }
      ts.forEachChild(node, look);
    };
    look(file);
  }

  test("no placeholder is left without its value", () => {
    expect(calls.length).toBeGreaterThan(800);
    const lacking = calls.flatMap(({ at, keys, told }) => {
      if (!told) return [];
      return keys.flatMap((key) => {
        const needed = english.filter(([name]) => key.test(name)).map(([, text]) => placeholders(text));
        // Of a key that is made of parts, what all need that it may be: which of them it is, is not to be seen here.
        const always = (needed[0] ?? []).filter((n) => needed.every((names) => names.includes(n)));
        return always.filter((n) => !told.includes(n)).map((n) => `${at} ${key}: ${n}`);
      });
    });
    expect(lacking).toEqual([]);
  });
});
