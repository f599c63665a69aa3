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
  /** The number of players (`3-8`) and the minutes that a game takes, if the game states them. */
  readonly players: string | undefined;
  readonly minutes: number | undefined;
  /** The picture on the game's card, an address relative to the game's own; `undefined` draws one. */
  readonly image: string | undefined;
  /** The page's icon, relative to the game's own address. The card of a game without a picture shows it. */
  readonly icon: string | undefined;
  /** The folder's path with symbolic links resolved. No file outside it is served as part of the game. */
  readonly folder: string;
  /** The file names of the pages in their own case: `Index.html` is a TV page too. */
  readonly tvPage: string;
  readonly phonePage: string;
  readonly crossOriginIsolated: boolean;
}

export interface ReadGame {
  /** `undefined` if the folder is not a complete game. */
  readonly game: Game | undefined;
  /** What is wrong with the folder, one sentence each, for the log. */
  readonly notices: readonly string[];
  /** Changes when a file that was read changes. */
  readonly version: string;
}

export const TV_PAGE = "index.html";
export const PHONE_PAGE = "player.html";
const MANIFEST = "couchwire.json";

/** Bytes of a page that are searched for its head. */
const HEAD_BYTES = 65_536;
const MAX_MANIFEST_BYTES = 65_536;

interface Files {
  readonly tvPage: string | undefined;
  readonly phonePage: string | undefined;
  readonly manifest: string | undefined;
}

/** `known` is the last result. It is returned again as long as the files have not changed. */
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
    // The files may become readable: their permissions change, or an editor finishes saving.
    const notice = `${path} is left out, for one of its files cannot be read: ${String(error)}.`;
    return { game: undefined, notices: [notice], version: NOT_READ };
  }
}

/** The version of files that could not be read: the next call reads them again. */
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

/** The folder's files. A folder that cannot be read is not a game; the error is not fatal. */
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
