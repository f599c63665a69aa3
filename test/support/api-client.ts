/** A program that uses the HTTP API. */
import { request } from "node:http";
import { z } from "zod";
import type { TestServer } from "./server.ts";

export const API_KEY = "a-key-of-the-api-for-tests";
export const SECOND_KEY = "another-key-for-tests-2222";

export interface ApiRequest {
  /** @default API_KEY; "" shows none */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, as JSON unless the headers say else. */
  readonly text?: string;
}

export interface ApiReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The JSON of the body; `undefined` where there is none. */
  readonly body: unknown;
}

/** One request, such as `"POST /api/rooms"`, on a connection of its own. */
export function askApi(
  { port }: Pick<TestServer, "port">,
  line: string,
  { key = API_KEY, headers = {}, body, text = body === undefined ? undefined : JSON.stringify(body) }: ApiRequest = {},
): Promise<ApiReply> {
  const [method = "GET", path = "/"] = line.split(" ");
  const sent = {
    ...(key !== "" && { "x-api-key": key }),
    ...(text !== undefined && {
      "Content-Type": "application/json",
      "Content-Length": String(Buffer.byteLength(text)),
    }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, method, path, headers: sent, agent: false }, (response) => {
      let received = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (received += chunk));
      response.on("error", reject);
      response.on("end", () => {
        const known = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(known),
          body: received === "" ? undefined : JSON.parse(received),
        });
      });
    });
    asked.on("error", reject);
    asked.end(text);
  });
}

const REFUSAL = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string().min(10) }) });

/** The code and status of a refusal, which has the shape that all have. */
export function refusalOf({ status, body }: ApiReply): string {
  return `${status} ${REFUSAL.parse(body).error.code}`;
}

/** The sentence of a refusal. */
export function sentenceOf({ body }: ApiReply): string {
  return REFUSAL.parse(body).error.message;
}

/** The field of a reply's object, which has to be text. */
export function textIn({ body }: ApiReply, field: string): string {
  return z
    .record(z.string(), z.unknown())
    .transform((fields) => z.string().parse(fields[field]))
    .parse(body);
}
