import { describe, expect, test } from "@jest/globals";
import { encode } from "uqr";
import { qrMatrix } from "../../src/sdk/qr-matrix.ts";
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

  // Text in lower case, for uqr packs capitals closer.
  test.each([1, 14, 15, 26, 27, 60, 122, 180, 181, 213, 214, 300, 450, 600, 800, 1_000, 1_300, 1_700, 2_000, 2_331])(
    "has the modules that another encoder gives, for one of the masks: %i bytes",
    (length) => {
      const text = `${"é".repeat(Math.floor((length - 1) / 2))}xy`.slice(0, Math.ceil((length + 1) / 2));
      const ascii = "q".repeat(length);
      for (const content of [text, ascii]) {
        const ours = qrMatrix(content);
        const theirs = [0, 1, 2, 3, 4, 5, 6, 7].map(
          (maskPattern) => encode(content, { ecc: "M", border: 0, maskPattern }).data,
        );
        expect(theirs).toContainEqual(ours);
      }
    },
  );

  // The standard leaves open how far a finder-like run may reach, so the two weigh some masks differently.
  test("has for most texts the mask that another encoder thinks best", () => {
    const texts = Array.from({ length: 40 }, (_, index) => `${TEXT}?x=${"ab".repeat(index)}`);
    const same = texts.filter(
      (text) => JSON.stringify(qrMatrix(text)) === JSON.stringify(encode(text, { ecc: "M", border: 0 }).data),
    );
    expect(same.length).toBeGreaterThan(texts.length / 2);
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
