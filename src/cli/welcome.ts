/** The welcome in the terminal: the addresses for the TV and for the phones. */
import { styleText } from "node:util";
import QRCode from "qrcode";
import type { PhoneObstacle } from "../address/public-url.ts";
import type { ServerAddress } from "../server.ts";

export interface WelcomeEnvironment {
  readonly version: string;
  readonly hasColors: boolean;
  /** Columns of the terminal. A QR code that does not fit is left out. */
  readonly columns: number;
  /** The server speaks https with a certificate that this machine signed. @default false */
  readonly isSelfSigned?: boolean;
  /** Processes that have the rooms. @default one */
  readonly workers?: number | undefined;
  /** Where recordings of the rooms are written. @default nowhere */
  readonly recordings?: string | undefined;
}

const MARGIN = "  ";

/** Light modules around the code (ISO/IEC 18004 asks for four; two suffice on a screen). */
const QUIET_ZONE = 2;

/** Block characters, indexed by whether the upper and the lower half are light. */
const HALF_BLOCKS = [
  [" ", "▄"],
  ["▀", "█"],
] as const;

export function welcome(address: ServerAddress, environment: WelcomeEnvironment): string {
  const strong = (text: string): string => (environment.hasColors ? styleText("bold", text) : text);
  const lines = [
    "",
    `${strong("Couchwire")} ${environment.version}`,
    "",
    `TV      open ${strong(address.url)} here, or the phones' address on a smart TV`,
  ];
  if (address.obstacle === "loopback" || address.obstacle === "no_network") {
    lines.push("Phones  cannot reach this server now");
  } else {
    lines.push(`Phones  open ${strong(address.publicUrl)} on the same Wi-Fi, or scan this`);
    lines.push(...qrLines(address.publicUrl, environment));
  }
  lines.push(...playgroundLines(address.playgrounds ?? [], strong));
  if (address.tcpPort !== undefined) lines.push(`Bots    connect to TCP port ${address.tcpPort}`);
  if (address.adminUrl !== undefined) lines.push(`Admin   open ${strong(address.adminUrl)} and log in with an API key`);
  if (environment.workers !== undefined) lines.push(`Cores   ${environment.workers} workers share the rooms`);
  if (environment.recordings !== undefined) lines.push(`Record  each room into ${strong(environment.recordings)}`);
  for (const note of phoneNotes(address, environment.isSelfSigned))
    lines.push("", ...wrapped(note, environment.columns));
  if (address.playgrounds !== undefined) lines.push("", "Pages reload when you save a file.");
  lines.push("", "Ctrl+C ends the server.", "");
  return lines.map((line) => (line === "" ? "\n" : `${MARGIN}${line}\n`)).join("");
}

/** Playgrounds that are listed. */
const MAX_PLAYGROUNDS = 5;

function playgroundLines(playgrounds: readonly string[], strong: (text: string) => string): string[] {
  if (playgrounds.length === 0) return [];
  const links = playgrounds.slice(0, MAX_PLAYGROUNDS).map((url) => `  ${strong(url)}`);
  return ["", "Playground: a TV and phones in one window, each with a seat of its own", ...links];
}

/** Notes on what stands between phones and the server, one or two sentences each. Often there are none. */
export function phoneNotes({ obstacle, alternatives, publicUrl, port }: ServerAddress, isSelfSigned = false): string[] {
  const notes = obstacle === undefined ? [] : [describeObstacle(obstacle, new URL(publicUrl).hostname, port)];
  if (isSelfSigned) notes.push(SELF_SIGNED);
  if (alternatives.length > 0) {
    notes.push(
      `This machine is in several networks. If phones do not get there, try ${listed(alternatives)}; ` +
        `--public-url or COUCHWIRE_PUBLIC_URL chooses one for the QR code.`,
    );
  }
  return notes;
}

const SELF_SIGNED =
  "Each browser warns once that the connection is not private, since this machine has signed its certificate itself. " +
  "Go on with Advanced and Proceed (Chrome), Advanced and Accept (Firefox), or Show Details and visit this website (Safari). " +
  "With https, games may use motion sensors and keep screens awake.";

function describeObstacle(obstacle: PhoneObstacle, host: string, port: number): string {
  const remedy = `Set COUCHWIRE_PUBLIC_URL to where phones reach it, such as http://192.168.1.7:${port}.`;
  switch (obstacle) {
    case "loopback":
      return `The server listens on ${host}, which only this machine can reach. --host 0.0.0.0 or COUCHWIRE_HOST=0.0.0.0 lets phones in.`;
    case "no_network":
      return "No local network was found. Once there is one, the TV's page shows the address for phones.";
    case "container":
      return `This is a container, and phones cannot reach its own address ${host}. ${remedy}`;
    case "wsl":
      return `This is WSL, and phones cannot reach its own address ${host}. ${remedy}`;
    default:
      return `This looks like a virtual machine behind NAT, and phones cannot reach ${host}. ${remedy}`;
  }
}

/** Alternative addresses that are listed. */
const MAX_LISTED = 4;

function listed(urls: readonly string[]): string {
  return urls.slice(0, MAX_LISTED).join(" or ");
}

/** Wraps a note between words. */
function wrapped(text: string, columns: number): string[] {
  const width = (columns > 0 ? Math.min(columns, MAX_WIDTH) : MAX_WIDTH) - MARGIN.length;
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

const MAX_WIDTH = 80;

/** The QR code, two modules per character. Empty if the terminal is too narrow. */
function qrLines(url: string, { columns, hasColors }: WelcomeEnvironment): string[] {
  const { modules } = QRCode.create(url);
  const width = modules.size + 2 * QUIET_ZONE;
  // A terminal of unknown width reports 0 columns.
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
    // White on black in every theme. Without colours a dark theme is assumed.
    lines.push(hasColors ? styleText(["whiteBright", "bgBlack"], line) : line);
  }
  return lines;
}
