import { describe, expect, test } from "@jest/globals";
import { encode } from "uqr";
import { qrSvg } from "../../src/sdk/qr.ts";

const TEXT = "http://192.168.1.7:8081/BCDF";

/** The modules that the path fills, drawn into a square of characters. */
function draw(svg: string): string[] {
  const side = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const rows = Array.from({ length: side }, () => Array.from({ length: side }, () => " "));
  for (const [, x, y, width] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let offset = 0; offset < Number(width); offset++) {
      const row = rows[Number(y)];
      expect(row?.[Number(x) + offset]).toBe(" ");
      row?.splice(Number(x) + offset, 1, "#");
    }
  }
  return rows.map((row) => row.join(""));
}

describe("the QR code", () => {
  test("scales with what it is put into", () => {
    const svg = qrSvg(TEXT);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 (\d+) \1" [^>]*>/);
    expect(svg).toMatch(/<\/svg>$/);
    expect(/<svg[^>]*>/.exec(svg)?.[0]).not.toMatch(/ (width|height)=/);
  });

  test("has the border it was asked for, and the same modules inside", () => {
    const bare = draw(qrSvg(TEXT, { border: 0 }));
    const bordered = draw(qrSvg(TEXT));
    expect(bordered).toHaveLength(bare.length + 8);
    expect(bordered.slice(4, -4).map((row) => row.slice(4, -4))).toEqual(bare);
    expect(bordered.slice(0, 4).join("").trim()).toBe("");
  });

  test.each([1, 60, 600, 2_331])("draws the modules of the code, no more and no fewer: %i bytes", (length) => {
    const text = "q".repeat(length);
    const modules = encode(text, { ecc: "M", border: 0 }).data;
    expect(draw(qrSvg(text, { border: 0 }))).toEqual(
      modules.map((row) => row.map((isDark) => (isDark ? "#" : " ")).join("")),
    );
  });

  test("holds 2331 bytes; more is an error that says so", () => {
    expect(() => qrSvg("x".repeat(2_332))).toThrow("A QR code holds 2331 bytes of text");
  });

  test("has the colours it was asked for, and cannot be broken out of by them", () => {
    const svg = qrSvg(`${TEXT}?a="<b>&`, { dark: '"/><script>', light: "transparent" });
    expect(svg).toContain('fill="transparent"');
    expect(svg).not.toContain("<script");
    expect(svg).not.toContain("<b>");
    expect(svg.match(/</g)).toHaveLength(4);
    expect(qrSvg(TEXT, { light: '"/><script>' })).not.toContain("<script");
  });
});
