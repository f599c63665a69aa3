/** Explains in one sentence why the server could not start. */
import type { Options } from "../config.ts";

const OTHER_HOST = "Choose another with --host or COUCHWIRE_HOST; 0.0.0.0 is all addresses.";

/** `hostName` is the name under which the option `host` was given. */
export function describeStartFailure(error: unknown, options: Options, hostName = "--host"): string {
  return (
    describeTcpFailure(error, options) ??
    describeAdminFailure(error, options) ??
    describeHttpFailure(error, options, hostName)
  );
}

/** The port of ghost-sync's wire, where it is that one which could not be had. */
function describeTcpFailure(error: unknown, { tcpPort, tcpHost, port }: Options): string | undefined {
  return isFailureOf(error, { port: tcpPort, host: tcpHost, mainPort: port })
    ? `The TCP port ${tcpPort} on ${tcpHost} cannot be had (${error.message}). Choose another with COUCHWIRE_TCP_PORT and COUCHWIRE_TCP_HOST.`
    : undefined;
}

/** The port of the admin page, where it is that one. */
function describeAdminFailure(error: unknown, { adminPort, adminHost, port }: Options): string | undefined {
  return isFailureOf(error, { port: adminPort, host: adminHost, mainPort: port })
    ? `The port ${adminPort} on ${adminHost} for the admin page cannot be had (${error.message}). Choose another with COUCHWIRE_ADMIN_PORT and COUCHWIRE_ADMIN_HOST.`
    : undefined;
}

interface ListeningPlace {
  /** `undefined` where the option is off. */
  readonly port: number | undefined;
  readonly host: string;
  /** The port of everything else. */
  readonly mainPort: number;
}

function isFailureOf(error: unknown, { port, host, mainPort }: ListeningPlace): error is Error {
  if (port === undefined || !(error instanceof Error)) return false;
  const isPort = "port" in error && error.port === port && port !== mainPort;
  return isPort || ("hostname" in error && error.hostname === host);
}

function describeHttpFailure(error: unknown, { host, port }: Options, hostName: string): string {
  switch (error instanceof Error && "code" in error ? error.code : undefined) {
    case "EADDRINUSE":
      return `Port ${port} is in use. End what uses it, or choose another with --port or PORT.`;
    case "EACCES":
      return `Port ${port} may not be used by this user. Choose one from 1024 up with --port or PORT.`;
    case "EADDRNOTAVAIL":
      return `This machine has no address ${host}, which ${hostName} says. ${OTHER_HOST}`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The host name ${host}, which ${hostName} says, is not known. ${OTHER_HOST}`;
    default:
      return `The server could not start: ${error instanceof Error ? error.message : String(error)}`;
  }
}
