/** A person at the admin page, or a program that does what its pages do. */
import { request as httpRequest } from "node:http";
import type { OptionsInput } from "../../src/config.ts";
import { startServer, type TestServer } from "./server.ts";

export const ADMIN_KEY = "admin-key-of-the-tests-0123456789";

export interface AdminServer extends TestServer {
  readonly adminUrl: string;
}

/** A server with an admin page. */
export async function startAdminServer(options: OptionsInput = {}): Promise<AdminServer> {
  const server = await startServer({ adminPort: 0, apiKey: ADMIN_KEY, ...options });
  const { adminUrl } = server;
  if (adminUrl === undefined) throw new Error("The server says nothing of an admin page.");
  return { ...server, adminUrl };
}

/** Logs in as a script does. */
export function logIn(adminUrl: string, key = ADMIN_KEY): Promise<Response> {
  return fetch(`${adminUrl}/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ key }),
  });
}

export class AdminClient {
  readonly cookie: string;
  readonly token: string;
  readonly #url: string;

  private constructor(url: string, cookie: string, token: string) {
    this.#url = url;
    this.cookie = cookie;
    this.token = token;
  }

  static async connect(adminUrl: string): Promise<AdminClient> {
    const answer = await logIn(adminUrl);
    const [cookie = ""] = (answer.headers.get("Set-Cookie") ?? "").split(";");
    const page = await (await fetch(`${adminUrl}/`, { headers: { Cookie: cookie } })).text();
    const token = /<meta name="csrf-token" content="([^"]+)"/.exec(page)?.[1];
    if (token === undefined) throw new Error(`There is no token on this page: ${page.slice(0, 400)}`);
    return new AdminClient(adminUrl, cookie, token);
  }

  /** Asks with the cookie, and with the token unless `headers` say otherwise. */
  ask(
    method: string,
    path: string,
    { body, headers = { "X-CSRF-Token": this.token } }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    return fetch(this.#url + path, {
      method,
      redirect: "manual",
      headers: {
        Cookie: this.cookie,
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }
}

export interface BareAnswer {
  readonly status: number | undefined;
  readonly body: string;
}

/** A request with exactly these headers, and with whatever `Host`, which `fetch` does not allow. */
export function askBare(
  url: string,
  { path = "/", method = "GET", headers = {} }: { path?: string; method?: string; headers?: Record<string, string> },
): Promise<BareAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: hostname, port, path, method, headers, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.on("end", () => resolve({ status: response.statusCode, body }));
    });
    request.on("error", reject);
    request.end();
  });
}
