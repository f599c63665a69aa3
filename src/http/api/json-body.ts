/** Reads the JSON body of a request within limits of size, of depth, and of what all requests together may have under way. */
import type { IncomingMessage } from "node:http";
import express, { type Request, type Response } from "express";
import type { Eventually } from "../../protocol/eventually.ts";
import { failure, success, type Result } from "../../protocol/result.ts";
import { isUtf8 } from "../../protocol/utf8.ts";
import type { MemoryBudget } from "../../room/memory-budget.ts";
import { refusal, type ApiAnswer } from "./route.ts";

/** Levels of lists and objects. */
export const MAX_BODY_DEPTH = 64;
/** Bytes of bodies that are read at one time. */
const MAX_BYTES_UNDER_WAY = 64 * 2 ** 20;

const NO_BODY = refusal(400, "invalid_request", "A body is missing: this request needs one in JSON.");
const NOT_JSON_TYPE = refusal(
  415,
  "unsupported_media_type",
  "The body has to be JSON, with Content-Type: application/json.",
);
const NO_JSON = refusal(400, "invalid_request", "The body is not JSON.");
const NO_UTF8 = refusal(400, "invalid_request", "The body is not UTF-8.");
const TOO_DEEP = refusal(
  400,
  "invalid_request",
  `The body has more than ${MAX_BODY_DEPTH} levels of lists and objects.`,
);
const TOO_MANY = refusal(503, "overloaded", "Too many bodies are being read. Come back in a second.", {
  "Retry-After": "1",
});

const utf8 = new TextEncoder();

type Parser = ReturnType<typeof express.json>;

/** A body that was read. */
export interface JsonBody {
  readonly value: unknown;
  /** In UTF-8, as it came; written anew where the embedding program has read it. */
  readonly bytes: Uint8Array;
}

export class JsonBodies {
  readonly #budget: MemoryBudget;
  /** By the limit of each. */
  readonly #parsers = new Map<number, Parser>();
  /** What was read of each request; `undefined` where that is no UTF-8. */
  readonly #arrived = new WeakMap<IncomingMessage, Uint8Array | undefined>();
  #underWay = 0;

  /** Each body that is being read counts in this budget, and its connection is cut where that is used up. */
  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** The body, of so many bytes at most; the failure says why there is none. */
  async read(request: Request, response: Response, limit: number): Promise<Result<JsonBody, ApiAnswer>> {
    const type = request.get("Content-Type");
    if (!hasBody(request)) return failure(type === undefined || isJson(type) ? NO_BODY : NOT_JSON_TYPE);
    if (type === undefined || !isJson(type)) return failure(NOT_JSON_TYPE);
    const length = Number(request.get("Content-Length") ?? limit);
    // What is compressed may become as long as it may be.
    const announced = request.get("Content-Encoding") === undefined ? length : limit;
    if (length > limit) return failure(tooLarge(limit, response));
    if (this.#underWay + announced > MAX_BYTES_UNDER_WAY) return failure(TOO_MANY);
    this.#underWay += announced;
    const account = this.#budget.open({ cut: () => void request.destroy() });
    account.add(announced);
    try {
      await parse(this.#parserFor(limit), request, response);
    } catch (error) {
      return failure(whyUnread(error, limit, response));
    } finally {
      this.#underWay -= announced;
      account.close();
    }
    const value: unknown = request.body;
    const bytes = this.#arrived.has(request) ? this.#arrived.get(request) : utf8.encode(JSON.stringify(value));
    this.#arrived.delete(request);
    if (bytes === undefined) return failure(NO_UTF8);
    return isWithin(value, MAX_BODY_DEPTH) ? success({ value, bytes }) : failure(TOO_DEEP);
  }

  #parserFor(limit: number): Parser {
    const known = this.#parsers.get(limit);
    if (known !== undefined) return known;
    const keep = (request: IncomingMessage, _response: unknown, bytes: Uint8Array, encoding: string): void => {
      this.#arrived.set(request, encoding === "utf-8" && isUtf8(bytes, 0, bytes.length) ? bytes : undefined);
    };
    const parser = express.json({ limit, strict: false, type: () => true, verify: keep });
    this.#parsers.set(limit, parser);
    return parser;
  }
}

function hasBody(request: Request): boolean {
  const length = request.get("Content-Length");
  return request.get("Transfer-Encoding") !== undefined || (length !== undefined && length !== "0");
}

function isJson(type: string): boolean {
  return /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i.test(type.trim());
}

function parse(parser: Parser, request: Request, response: Response): Eventually<void> {
  return new Promise((resolve, reject) => {
    parser(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error("express could not read the body.", { cause: error }));
    });
  });
}

/** The connection ends with the answer, so that the rest of the body is not read. */
function tooLarge(limit: number, response: Response): ApiAnswer {
  response.set("Connection", "close");
  return refusal(413, "too_large", `The body may have ${limit} bytes.`);
}

/** The errors that express's reader documents; every other one is a bug. */
function whyUnread(error: unknown, limit: number, response: Response): ApiAnswer {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
  switch (status) {
    case 413:
      return tooLarge(limit, response);
    case 415:
      return NOT_JSON_TYPE;
    case 400:
      return NO_JSON;
    default:
      throw error;
  }
}

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (levels === 0) return false;
  return Object.values(value).every((part) => isWithin(part, levels - 1));
}
