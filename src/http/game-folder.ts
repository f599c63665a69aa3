/** Reads one game's folder: its two pages, what they and `couchwire.json` say, and what will not work in it. */
import { closeSync, openSync, readdirSync, readSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { localAddress, readManifest } from "./game-manifest.ts";
import { decodePage, summarizePage } from "./page-summary.ts";

export interface Game {
  /** The folder's name: what the game's host says as `name` in `prepare`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** How many play, `3-8`, and for how long, where the game says so. */
  readonly players: string | undefined;
  readonly minutes: number | undefined;
  /** The picture on the game's card, an address relative to the game's own; `undefined` draws one. */
  readonly image: string | undefined;
  /** The page's icon, likewise; drawn on the card of a game without a picture. */
  readonly icon: string | undefined;
  /** The folder itself, links resolved. Nothing outside of it is served as part of the game. */
  readonly folder: string;
  /** The pages' files as they are called: `Index.html` is a TV page too. */
  readonly tvPage: string;
  readonly phonePage: string;
  readonly crossOriginIsolated: boolean;
}

export interface ReadGame {
  /** `undefined`: the folder is no game, or not a whole one. */
  readonly game: Game | undefined;
  /** What is wrong with it, a sentence each, for the log. */
  readonly notices: readonly string[];
  /** Changes when one of the files changes that were read. */
  readonly version: string;
}

export const TV_PAGE = "index.html";
export const PHONE_PAGE = "player.html";
const MANIFEST = "couchwire.json";

/** Bytes of a page that are looked at; no head is longer. */
const HEAD_BYTES = 65_536;
const MAX_MANIFEST_BYTES = 65_536;

interface Files {
  readonly tvPage: string | undefined;
  readonly phonePage: string | undefined;
  readonly manifest: string | undefined;
}

/** `known` is what was read before: as long as the files are the same, that is still so. */
export function readGameFolder(path: string, name: string, basePath: string, known: ReadGame | undefined): ReadGame {
  const files = filesIn(path);
  const version = [files.tvPage, files.phonePage, files.manifest].map((file) => versionOf(path, file)).join(" ");
  if (known?.version === version) return known;
  if (files.tvPage === undefined) {
    return { game: undefined, notices: files.phonePage === undefined ? [] : [missingTvPage(path)], version };
  }
  if (files.phonePage === undefined) return { game: undefined, notices: [missingPhonePage(path)], version };
  const pages = { ...files, tvPage: files.tvPage, phonePage: files.phonePage };
  try {
    return { ...readGame(path, name, basePath, pages), version };
  } catch (error) {
    // Its files may be read once their rights change, or once an editor has saved them.
    const notice = `${path} is left out, for one of its files cannot be read: ${String(error)}.`;
    return { game: undefined, notices: [notice], version: NOT_READ };
  }
}

/** No version: the files are read again at the next look. */
const NOT_READ = "";

function missingTvPage(path: string): string {
  return `${path} has ${PHONE_PAGE}, the phones' page, but no ${TV_PAGE} for the TV.`;
}

export function missingPhonePage(path: string): string {
  return `${path} has ${TV_PAGE}, the TV's page, but no ${PHONE_PAGE} for the phones.`;
}

type WholeGame = Files & { readonly tvPage: string; readonly phonePage: string };

function readGame(path: string, name: string, basePath: string, files: WholeGame): Omit<ReadGame, "version"> {
  const folder = realpathSync(path);
  const page = decodePage(readStart(join(folder, files.tvPage), HEAD_BYTES));
  const summary = summarizePage(page.text);
  const { manifest, notices: manifestNotices } = readManifestOf(folder, files.manifest);
  const notices = [...manifestNotices];
  const phonePage = decodePage(readStart(join(folder, files.phonePage), HEAD_BYTES));
  for (const [file, { notUtf8 }] of [[files.tvPage, page] as const, [files.phonePage, phonePage] as const]) {
    if (notUtf8 === undefined) continue;
    notices.push(`${join(path, file)} ${notUtf8}, but pages are served as UTF-8: save it as UTF-8.`);
  }
  const outside = basePath === "" ? undefined : summary.assets.find((address) => isOwnFileAtRoot(folder, address));
  if (outside !== undefined) {
    notices.push(
      `${path} asks for ${outside}, which is not below ${basePath}/: build it with relative addresses (in Vite: base: "./").`,
    );
  }
  const { title = summary.title ?? name, description = summary.description ?? "" } = manifest;
  const game: Game = {
    name,
    title,
    description,
    players: manifest.players,
    minutes: manifest.minutes,
    image: manifest.image ?? localAddress(summary.image),
    icon: localAddress(summary.icon),
    folder,
    tvPage: files.tvPage,
    phonePage: files.phonePage,
    crossOriginIsolated: manifest.crossOriginIsolated ?? false,
  };
  return { game, notices };
}

function readManifestOf(folder: string, file: string | undefined): ReturnType<typeof readManifest> {
  if (file === undefined) return { manifest: {}, notices: [] };
  const path = join(folder, file);
  const bytes = readStart(path, MAX_MANIFEST_BYTES + 1);
  if (bytes.length > MAX_MANIFEST_BYTES) {
    return { manifest: {}, notices: [`${path} is larger than ${MAX_MANIFEST_BYTES} bytes.`] };
  }
  const read = readManifest(bytes.toString("utf8"), path);
  const { image } = read.manifest;
  if (image === undefined || isFile(join(folder, decoded(image)))) return read;
  return { ...read, notices: [...read.notices, `${path}: there is no picture ${image} in the game's folder.`] };
}

/** Page addresses are percent-encoded, file names are not. */
function decoded(address: string): string {
  try {
    return decodeURIComponent(address.split(/[?#]/)[0] ?? "");
  } catch {
    return address;
  }
}

function isOwnFileAtRoot(folder: string, address: string): boolean {
  return address.startsWith("/") && !address.startsWith("//") && isFile(join(folder, decoded(address)));
}

/** A folder may hold anything else besides; one that cannot be looked into is no game, and no reason to stop. */
function filesIn(path: string): Files {
  let names: readonly string[];
  try {
    names = readdirSync(path);
  } catch {
    names = [];
  }
  const find = (wanted: string): string | undefined => {
    const candidates = names.includes(wanted) ? [wanted] : names.filter((name) => name.toLowerCase() === wanted);
    return candidates.find((name) => isFile(join(path, name)));
  };
  return { tvPage: find(TV_PAGE), phonePage: find(PHONE_PAGE), manifest: find(MANIFEST) };
}

function versionOf(folder: string, file: string | undefined): string {
  if (file === undefined) return "-";
  try {
    const { mtimeMs, size, ino } = statSync(join(folder, file));
    return `${file}:${mtimeMs}:${size}:${ino}`;
  } catch {
    return "-";
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function readStart(file: string, maxBytes: number): Buffer {
  const descriptor = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(maxBytes);
    return buffer.subarray(0, readSync(descriptor, buffer));
  } finally {
    closeSync(descriptor);
  }
}
