/** The document of the HTTP API (P9.9): it is valid, and each example in it is sent and gets the answer it says. */
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { API_KEY, askApi } from "../../support/api-client.ts";
import { JWT_SECRET } from "../../support/member-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const OPTIONS = { apiKey: API_KEY, jwtSecret: JWT_SECRET, standingRooms: "lobby:relay" } as const;

const EXAMPLES = z.record(z.string(), z.object({ value: z.unknown(), "x-status": z.int() })).default({});
const CONTENT = z.object({ "application/json": z.object({ examples: EXAMPLES, schema: z.unknown() }) });
const OPERATION = z.object({
  operationId: z.string(),
  parameters: z.array(z.object({ name: z.string(), in: z.string(), examples: EXAMPLES })).default([]),
  requestBody: z.object({ content: CONTENT }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string().min(5), content: CONTENT.optional() })),
});
type Operation = z.infer<typeof OPERATION>;
const DOCUMENT = z.object({ paths: z.record(z.string(), z.record(z.string(), OPERATION)) });

/** What differs from time to time: only that it is of its kind is compared. */
const CHANGING = new Set(["code", "joinUrl", "token", "refresh_token", "until", "since"]);

interface SentExample {
  readonly line: string;
  readonly body: unknown;
  readonly status: number;
  /** `undefined` where the document says nothing of it. */
  readonly said: unknown;
}

async function documentOf(server: TestServer) {
  const { status, body } = await askApi(server, "GET /api/openapi.json", { key: "" });
  expect(status).toBe(200);
  return body;
}

function examplesOf(path: string, method: string, { parameters, requestBody, responses }: Operation): SentExample[] {
  const ofBody = requestBody?.content["application/json"].examples ?? {};
  const inPath = parameters.filter((parameter) => parameter.in === "path");
  const known = [ofBody, ...inPath.map(({ examples }) => examples)];
  const names = new Set(known.flatMap((examples) => Object.keys(examples)));
  return [...names].map((name) => {
    const filled = inPath.reduce(
      (text, { name: parameter, examples }) =>
        text.replace(`{${parameter}}`, encodeURIComponent(String(examples[name]?.value))),
      path,
    );
    const status = known.find((examples) => name in examples)?.[name]?.["x-status"] ?? 0;
    return {
      line: `${method.toUpperCase()} ${filled}`,
      body: ofBody[name]?.value,
      status,
      said: responses[status]?.content?.["application/json"].examples[name]?.value,
    };
  });
}

/** The same, with what differs from time to time replaced by its kind. */
function lasting(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lasting);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, CHANGING.has(name) ? typeof part : lasting(part)]),
  );
}

describe("P9.9 GET /api/openapi.json", () => {
  test("P9.9 is public, and valid OpenAPI 3.1", async () => {
    const document = await documentOf(await startServer(OPTIONS));
    const result = await new Validator().validate(z.record(z.string(), z.unknown()).parse(document));
    expect(result).toEqual({ valid: true });
    expect(document).toMatchObject({ openapi: "3.1.0", info: { title: "Couchwire" }, servers: [{ url: "/" }] });
  });

  test("P9.9 every example in it gets the answer it says", async () => {
    const server = await startServer(OPTIONS);
    const { paths } = DOCUMENT.parse(await documentOf(server));
    const sent = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, operation]) => examplesOf(path, method, operation)),
    );
    expect(sent.length).toBeGreaterThanOrEqual(15);
    for (const { line, body, status, said } of sent) {
      const answer = await askApi(server, line, body === undefined ? {} : { body });
      expect([line, body, answer.status]).toEqual([line, body, status]);
      if (said !== undefined) expect([line, lasting(answer.body)]).toEqual([line, lasting(said)]);
    }
  });

  test("P9.9 each operation has a name of its own, says what it answers, and how the path may be refused", async () => {
    const { paths } = DOCUMENT.parse(await documentOf(await startServer(OPTIONS)));
    const operations = Object.values(paths).flatMap((ofPath) => Object.values(ofPath));
    const names = operations.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const { operationId, responses } of operations) {
      const statuses = Object.keys(responses);
      expect([operationId, statuses.some((status) => status.startsWith("2"))]).toEqual([operationId, true]);
      expect([operationId, statuses.includes("429")]).toEqual([operationId, true]);
    }
  });

  test("P9.9 below a base path it says so", async () => {
    const server = await startServer({ ...OPTIONS, publicUrl: "https://example.org/party/" });
    const { body } = await askApi(server, "GET /party/api/openapi.json");
    expect(body).toMatchObject({ servers: [{ url: "/party" }] });
    expect((await askApi(server, "GET /party/api/rooms")).status).toBe(200);
    expect((await askApi(server, "GET /api/rooms")).status).toBe(200);
  });
});
