/** A server with TLS, and what a test asks it. */
import { once } from "node:events";
import { renameSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { join } from "node:path";
import { connect } from "node:tls";
import type { OptionsInput } from "../../src/config.ts";
import { makeTestCertificate, writeCertificate, type CertificateFiles } from "./certificate.ts";
import { startServer, type TestServer } from "./server.ts";

export interface TlsHouse extends CertificateFiles {
  readonly server: TestServer;
}

export async function startTls(options: OptionsInput = {}): Promise<TlsHouse> {
  const files = writeCertificate(await makeTestCertificate());
  const { tlsCert, tlsKey } = files;
  return { ...files, server: await startServer({ tlsCert, tlsKey, ...options }) };
}

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export async function readAnswer(response: IncomingMessage): Promise<HttpsAnswer> {
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

/** A page or file over https. */
export async function fetchTls(
  { port, ca }: TestServer,
  path: string,
  headers: Record<string, string> = {},
): Promise<HttpsAnswer> {
  const request = get({ port, ca, path, headers, host: "127.0.0.1", servername: "localhost", agent: false });
  const [response] = await once(request, "response");
  return readAnswer(response);
}

/** The serial number of the certificate that the server shows now. */
export async function serialOf(port: number): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

/** WebSockets that the server has. */
export async function tlsConnectionCount(server: TestServer): Promise<number> {
  const { connections }: { connections: number } = JSON.parse((await fetchTls(server, "/healthz")).body);
  return connections;
}

/** Puts a file in the place of another in one step, as certbot and `mv` do. */
export function replaceFile(folder: string, file: string, text: string): void {
  const draft = join(folder, "draft");
  writeFileSync(draft, text);
  renameSync(draft, file);
}
