/** Why a request may not do what it asks for, and what every route says of that over HTTP. */

export interface AccessDenial {
  readonly status: 401 | 403 | 404 | 429 | 503;
  readonly code: string;
  /** For people. */
  readonly message: string;
  /** After how many seconds it may be tried again. */
  readonly retrySeconds?: number;
}

/** Why a token does not count, as the token gate says it. */
interface UnfitToken {
  readonly name: "unauthorized" | "rate_limited" | "overloaded";
  readonly reason: string;
}

/** Seconds after which a network that showed too many wrong tokens may try again. */
const TOKEN_RETRY_SECONDS = 60;
/** Seconds after which the keys of an identity provider may be there again. */
const OVERLOAD_RETRY_SECONDS = 5;

/** What a request is told whose token does not count. */
export function denialOf({ name, reason }: UnfitToken): AccessDenial {
  switch (name) {
    case "unauthorized":
      return { status: 401, code: name, message: reason };
    case "rate_limited":
      return { status: 429, code: name, message: reason, retrySeconds: TOKEN_RETRY_SECONDS };
    case "overloaded":
      return { status: 503, code: name, message: reason, retrySeconds: OVERLOAD_RETRY_SECONDS };
    default:
      return name satisfies never;
  }
}

/** The headers that go with an answer of this kind. */
export function denialHeaders({ status, retrySeconds }: AccessDenial): Readonly<Record<string, string>> {
  return {
    ...(status === 401 && { "WWW-Authenticate": "Bearer" }),
    ...(retrySeconds !== undefined && { "Retry-After": String(Math.max(1, retrySeconds)) }),
  };
}
