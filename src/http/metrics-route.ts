/** `GET /metrics` in Prometheus' text format. */
import type { Request, RequestHandler } from "express";
import { isLoopbackAddress, isLoopbackName } from "../address/loopback.ts";
import { isLater } from "../protocol/eventually.ts";
import { denialHeaders, type AccessDenial } from "./access-denial.ts";
import type { AccessCheck } from "./api/access.ts";

/** The figures of a server, as Prometheus reads them. */
export interface MetricsText {
  readonly contentType: string;
  read(): Promise<string>;
}

export interface MetricsRouteOptions {
  readonly metrics: MetricsText;
  /** Who may read them. */
  readonly access: AccessCheck;
  /** Whether programs on this machine need no key. @default false */
  readonly isOpenToThisMachine?: boolean;
}

/** The figures are those of all rooms. */
const ONE_ROOM: AccessDenial = { status: 403, code: "forbidden", message: "Your token is for one room." };

export function metricsRoute({ metrics, access, isOpenToThisMachine = false }: MetricsRouteOptions): RequestHandler {
  return async (request, response) => {
    response.set("Cache-Control", "no-store");
    const isOpen = isOpenToThisMachine && isOfThisMachine(request);
    const denial = isOpen ? undefined : await whyDenied(request, access);
    if (denial === undefined) {
      response.set("Content-Type", metrics.contentType).send(await metrics.read());
      return;
    }
    const { status, code, message } = denial;
    response.set(denialHeaders(denial)).status(status).json({ error: { code, message } });
  };
}

/** Headers that proxies add. */
const OF_PROXIES = /^(?:forwarded|via|x-forwarded-.*|x-real-ip)$/;

/** Whether a program on this machine asks for itself: not a proxy, which asks for others. A proxy that passes `Host` on is known by that, too. */
function isOfThisMachine({ socket, headers }: Request): boolean {
  if (!isLoopbackAddress(socket.remoteAddress ?? "")) return false;
  if (Object.keys(headers).some((name) => OF_PROXIES.test(name))) return false;
  const url = `http://${headers.host ?? ""}`;
  return URL.canParse(url) && isLoopbackName(new URL(url).hostname);
}

async function whyDenied(request: Request, access: AccessCheck): Promise<AccessDenial | undefined> {
  const judged = access(request);
  const answer = isLater(judged) ? await judged : judged;
  if (!answer.ok) return answer.failure;
  return answer.value.room === undefined ? undefined : ONE_ROOM;
}
