import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";

const ROOT = new URL("../../../", import.meta.url);
const document = readFileSync(new URL("docs/CLIENTS.md", ROOT), "utf8");
const protocol = readFileSync(new URL("docs/PROTOCOL.md", ROOT), "utf8");
const vectors: Record<string, unknown> = JSON.parse(readFileSync(new URL("docs/vectors.json", ROOT), "utf8"));

const MAX_SKETCH_LINES = 40;

describe("docs/CLIENTS.md", () => {
  test("has a line for every group of vectors, and for no other", () => {
    const rows = [...document.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|.*\|.*\|$/gm)].map(([, groups = ""]) => groups);
    const groups = rows.flatMap((row) => row.split(", ").map((group) => group.replaceAll("`", "")));
    expect(new Set(groups)).toEqual(new Set(Object.keys(vectors).filter((group) => group !== "about")));
  });

  test("explains every step of a conversation", () => {
    const steps = new Set<string>();
    const conversations = vectors["conversations"];
    for (const { steps: list } of Array.isArray(conversations) ? conversations : []) {
      for (const step of list) for (const name of Object.keys(step)) steps.add(name);
    }
    expect(steps.size).toBeGreaterThan(7);
    const explained = [...document.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|[^|]*\|$/gm)].map(([, names = ""]) => names);
    const names = explained.flatMap((row) => row.split(", ").map((name) => name.replaceAll("`", "")));
    expect(new Set(names)).toEqual(steps);
  });

  test("names rules that docs/PROTOCOL.md has", () => {
    const rules = [...document.matchAll(/\bP\d+(?:\.\d+)+\b/g)].map(([rule]) => rule);
    expect(rules.filter((rule) => !protocol.includes(rule))).toEqual([]);
  });

  test.each(["gdscript", "csharp"])(
    "has a sketch of at most 40 lines in %s, which says that it is not run",
    (language) => {
      const section = document.split("\n## ").find((text) => text.includes(`\`\`\`${language}\n`)) ?? "";
      const [before = "", after = ""] = section.split(`\`\`\`${language}\n`);
      const [sketch = ""] = after.split("```");
      expect(before).toContain("**Not run here**");
      expect(sketch.trimEnd().split("\n").length).toBeLessThanOrEqual(MAX_SKETCH_LINES);
      expect(sketch).toContain("couchwire.session.");
    },
  );

  test("leads to files that are there", () => {
    for (const [, path = ""] of document.matchAll(/\]\(([^)#]+)\)/g)) {
      if (path.endsWith(".md") || path.endsWith(".json") || path.endsWith(".py")) {
        expect(readFileSync(new URL(path, new URL("docs/", ROOT)), "utf8")).not.toBe("");
      }
    }
  });
});
