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

/** Half a character a module, and the quiet zone on both sides. */
const QR_PADDING = 4;

export async function welcome(address: ServerAddress, surroundings: WelcomeSurroundings): Promise<string> {
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
      ...(await qrLines(address.publicUrl, surroundings.columns)),
    );
  }
  lines.push("", "Ctrl+C ends the server.", "");
  return lines.map((line) => (line === "" ? "\n" : `${MARGIN}${line}\n`)).join("");
}

function isThisMachineOnly(url: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);
}

async function qrLines(url: string, columns: number): Promise<string[]> {
  const { modules } = QRCode.create(url);
  if (MARGIN.length + modules.size + QR_PADDING > columns) return [];
  const picture = await QRCode.toString(url, { type: "terminal", small: true });
  return ["", ...picture.trimEnd().split("\n")];
}
