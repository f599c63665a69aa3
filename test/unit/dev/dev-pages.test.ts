import { describe, expect, test } from "@jest/globals";
import { withDevScripts } from "../../../src/http/dev-pages.ts";

const ABOUT = { basePath: "/party", game: 'say "hi"', page: "tv", version: "abc-1" } as const;
/** The playground's first: it stands in for WebSocket before another script opens one. */
const SCRIPTS = ["/playground/assets/agent.js", "/dev/client.js"]
  .map(
    (path) =>
      `<script src="/party${path}" data-game="say &quot;hi&quot;" data-page="tv" data-version="abc-1"></script>`,
  )
  .join("");

describe("the scripts of development", () => {
  test.each([
    ["behind <head>", '<!doctype html>\n<html lang="en">\n<HEAD class="x">', "\n<script>game()</script>"],
    ["behind <html>, where there is no head", '<!doctype html>\n<html lang="en">', "\n<script>game()</script>"],
    ["behind the doctype, where there is nothing else", "<!DOCTYPE html>", '\n<meta charset="utf-8" />'],
    ["behind a head that is no comment", "<!doctype html><!-- <head> and <html> --><head>", "<title>x</title>"],
    ["in front of a page without any of them", "", "<title>header</title><header>x</header>"],
  ])("row 19.5 come %s", (_where, before, after) => {
    const page = withDevScripts(before + after, ABOUT);
    expect(page).toBe(`${before}${SCRIPTS}${after}`);
  });

  test("row 19.5 no line gets another number, so errors name the line that the developer sees", () => {
    const page = "<!doctype html>\n<head>\n<script>\nthrow 1;\n</script>";
    const lines = withDevScripts(page, ABOUT).split("\n");
    expect(lines.length).toBe(5);
    expect(lines[3]).toBe("throw 1;");
  });
});
