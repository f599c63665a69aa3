/** Reads the JSON body of a request within limits of size, of depth, and of what all requests together may have under way. */
import express, { type Request, type Response } from "express";
import type { Eventually } from "../../protocol/eventually.ts";
import { failure, success, type Result } from "../../protocol/result.ts";
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
const TOO_DEEP = refusal(
  400,
  "invalid_request",
  `The body has more than ${MAX_BODY_DEPTH} levels of lists and objects.`,
);
const TOO_MANY = refusal(503, "overloaded", "Too many bodies are being read. Come back in a second.", {
  "Retry-After": "1",
});

type Parser = ReturnType<typeof express.json>;

export class JsonBodies {
  /** By the limit of each. */
  readonly #parsers = new Map<number, Parser>();
  #underWay = 0;

  /** The body, of so many bytes at most; the failure says why there is none. */
  async read(request: Request, response: Response, limit: number): Promise<Result<unknown, ApiAnswer>> {
    const type = request.get("Content-Type");
    if (!hasBody(request)) return failure(type === undefined || isJson(type) ? NO_BODY : NOT_JSON_TYPE);
    if (type === undefined || !isJson(type)) return failure(NOT_JSON_TYPE);
    const announced = Number(request.get("Content-Length") ?? limit);
    if (announced > limit) return failure(tooLarge(limit, response));
    if (this.#underWay + announced > MAX_BYTES_UNDER_WAY) return failure(TOO_MANY);
    this.#underWay += announced;
    try {
      await parse(this.#parserFor(limit), request, response);
    } catch (error) {
      return failure(whyUnread(error, limit, response));
    } finally {
      this.#underWay -= announced;
    }
    const body: unknown = request.body;
    return isWithin(body, MAX_BODY_DEPTH) ? success(body) : failure(TOO_DEEP);
  }

  #parserFor(limit: number): Parser {
    const parser = this.#parsers.get(limit) ?? express.json({ limit, strict: false, type: () => true });
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
