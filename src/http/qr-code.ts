/** QR codes in the server's own pages. */
import { renderSVG } from "uqr";
import { Html } from "./html.ts";

/** An SVG element without a size of its own. The text is in the picture's dots only, so it needs no escaping. */
export function qrCode(text: string): Html {
  return new Html(renderSVG(text, { ecc: "M", border: 2 }));
}
