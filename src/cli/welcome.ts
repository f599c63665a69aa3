/** What the terminal says once the server listens: where to go with the TV, and with the phones. */
import { styleText } from "node:util";
import QRCode from "qrcode";
import type { ServerAddress } from "../server.ts";

export interface WelcomeSurroundings {
  readonly version: string;
  readonly hasColors: boolean;
  /** Columns of the terminal; a QR code that would be broken over two lines is left out. */
  readonly columns: number;
}

const MARGIN = "  ";

/** Light modules around the code, without which phones do not see where it begins. */
const QUIET_ZONE = 2;

/** By whether the upper half is light, then whether the lower one is. */
const HALF_BLOCKS = [
  [" ", "▄"],
  ["▀", "█"],
] as const;

export function welcome(address: ServerAddress, surroundings: WelcomeSurroundings): string {
  const strong = (text: string): string => (surroundings.hasColors ? styleText("bold", text) : text);
  const lines = [
    "",
    `${strong("Couchwire")} ${surroundings.version}`,
    "",
    `TV      open ${strong(address.url)} here, or the phones' address on a smart TV`,
  ];
  if (isThisMachineOnly(address.publicUrl)) {
    lines.push("Phones  cannot reach this server: it found no local network, or --host keeps it to this machine");
  } else {
    lines.push(
      `Phones  open ${strong(address.publicUrl)} on the same Wi-Fi, or scan this`,
      ...qrLines(address.publicUrl, surroundings),
    );
  }
  lines.push("", "Ctrl+C ends the server.", "");
  return lines.map((line) => (line === "" ? "\n" : `${MARGIN}${line}\n`)).join("");
}

function isThisMachineOnly(url: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);
}

/** The QR code, two modules in one character; nothing where the terminal is too narrow for it. */
function qrLines(url: string, { columns, hasColors }: WelcomeSurroundings): string[] {
  const { modules } = QRCode.create(url);
  const width = modules.size + 2 * QUIET_ZONE;
  // A terminal that does not know its width says 0.
  if (columns > 0 && MARGIN.length + width > columns) return [];
  const isLight = (row: number, column: number): boolean => {
    const isOutside = Math.min(row, column) < 0 || Math.max(row, column) >= modules.size;
    return isOutside || modules.get(row, column) === 0;
  };
  const lines = [""];
  for (let row = -QUIET_ZONE; row < modules.size + QUIET_ZONE; row += 2) {
    const line = Array.from({ length: width }, (_, index) => {
      const column = index - QUIET_ZONE;
      return HALF_BLOCKS[isLight(row, column) ? 1 : 0][isLight(row + 1, column) ? 1 : 0];
    }).join("");
    // White on black whatever the terminal's theme is; without colours a dark one is the better guess.
    lines.push(hasColors ? styleText(["whiteBright", "bgBlack"], line) : line);
  }
  return lines;
}
