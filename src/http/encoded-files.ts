/** Serves files that a game's build compressed: `build.wasm.br`, `build.data.gz`. */
import { createReadStream, type Stats } from "node:fs";
import { extname } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip } from "node:zlib";
import type { Request, Response } from "express";

export type ContentEncoding = "br" | "gzip";

export interface EncodedFile {
  readonly encoding: ContentEncoding;
  /** The file extension before the compression's: `.wasm`. */
  readonly innerEnding: string;
}

const ENCODINGS: Readonly<Record<string, ContentEncoding>> = { ".br": "br", ".gz": "gzip" };

/** Reads the compression from a file's name. Archives such as `art.tar.gz` are downloads and stay as they are. */
export function encodedFile(name: string): EncodedFile | undefined {
  const ending = extname(name).toLowerCase();
  const encoding = ENCODINGS[ending];
  const innerEnding = extname(name.slice(0, -ending.length)).toLowerCase();
  return encoding === undefined || innerEnding === "" || innerEnding === ".tar" ? undefined : { encoding, innerEnding };
}

/** Whether the client accepts this compression. Browsers accept Brotli only over https and on localhost. */
export function acceptsEncoding(request: Request, encoding: ContentEncoding): boolean {
  // RFC 9110, section 12.5.3: without the header, any encoding is acceptable.
  return request.get("Accept-Encoding") === undefined || request.acceptsEncodings(encoding) !== false;
}

/** Sends the file decompressed. */
export async function sendDecoded(
  request: Request,
  response: Response,
  path: string,
  { size, mtimeMs }: Stats,
  encoding: ContentEncoding,
): Promise<void> {
  response.set("ETag", `W/"${size.toString(16)}-${Math.floor(mtimeMs).toString(16)}-decoded"`);
  if (request.fresh || request.method === "HEAD") {
    response.status(request.fresh ? 304 : 200).end();
    return;
  }
  const decoder = encoding === "br" ? createBrotliDecompress() : createGunzip();
  try {
    await pipeline(createReadStream(path), decoder, response);
  } catch {
    response.destroy(); // The client has left, or the file is not compressed as its name says.
  }
}
