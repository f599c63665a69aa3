/** QR codes as SVG elements. */
import { encode } from "uqr";
import { invalid } from "./invalid-argument.ts";

/** How a QR code looks. Colours are anything CSS understands. */
export interface QrOptions {
  /** Colour of the modules. Scanners want dark on light. @default "#000" */
  readonly dark?: string;
  /** Colour of the background and the border; `"transparent"` for none. @default "#fff" */
  readonly light?: string;
  /** Width of the empty border, in modules. Scanners want 4; less works on a light page. @default 4 */
  readonly border?: number;
}

/**
 * The QR code of `text` as an SVG element: only a `viewBox`, no size of its own, so that it fills what it is put
 * into. 15 % of it may be hidden or dirty (level M).
 * @throws {CouchwireError} `invalid_argument` at a text of more than 2331 bytes.
 */
export function qrSvg(text: string, options: QrOptions = {}): string {
  const { dark = "#000", light = "#fff", border = 4 } = options;
  const { size, data: rows } = encodeOrRefuse(text);
  const side = size + 2 * border;
  // One subpath per run of modules: a third of the length of one per module.
  const path = rows
    .flatMap((row, y) =>
      row.map((isDark, x) => {
        if (!isDark || row[x - 1]) return "";
        const end = row.indexOf(false, x);
        const width = (end < 0 ? size : end) - x;
        return `M${x + border} ${y + border}h${width}v1h-${width}z`;
      }),
    )
    .join("");
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges" role="img" ` +
    `aria-label="${escapeAttribute(`QR code: ${text}`)}"><rect width="${side}" height="${side}" ` +
    `fill="${escapeAttribute(light)}"/><path d="${path}" fill="${escapeAttribute(dark)}"/></svg>`
  );
}

function encodeOrRefuse(text: string): { readonly size: number; readonly data: readonly (readonly boolean[])[] } {
  try {
    return encode(text, { ecc: "M", border: 0 });
  } catch {
    throw invalid(`A QR code holds 2331 bytes of text; this has ${text.length} characters.`); // `encode` throws for this reason only.
  }
}

function escapeAttribute(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
