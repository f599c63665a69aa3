/** Who may use the HTTP API: the bearer of a key, or of a token with the role `admin`. */
import type { Request } from "express";
import type { ApiKeys } from "../../auth/api-keys.ts";
import { banKeysOf } from "../../auth/token-ban-keys.ts";
import type { VerifiedToken } from "../../auth/token-claims.ts";
import type { BanCheck } from "../../hub/bans.ts";
import type { Eventually } from "../../protocol/eventually.ts";
import { failure, success, type Result } from "../../protocol/result.ts";
import { denialOf, type AccessDenial } from "../access-denial.ts";
import type { AddressOf } from "../room-route.ts";

/** Who a request is from. */
export interface Principal {
  /** One text for each key and each `sub`: its rates and its idempotency keys are its own. */
  readonly id: string;
  /** The one room that it may do something in: a code, or an open room's name. `undefined`: all. */
  readonly room: string | undefined;
  /** Whether it may have tokens issued with the role `admin`. */
  readonly mayMint: boolean;
}

/** Judges who a request is from. */
export type AccessCheck = (request: Request) => Eventually<Result<Principal, AccessDenial>>;

/** The part of the token gate that the API needs. */
export interface AdminTokenJudge {
  judge(
    token: string | undefined,
    address: string,
  ): Promise<
    Result<
      Pick<VerifiedToken, "sub" | "room" | "role" | "session_id">,
      { readonly name: "unauthorized" | "rate_limited" | "overloaded"; readonly reason: string }
    >
  >;
}

export interface AccessOptions {
  readonly keys: ApiKeys;
  /** @default no token counts */
  readonly tokens?: AdminTokenJudge | undefined;
  /** Whose tokens count for nothing here. @default there are no bans */
  readonly bans?: BanCheck | undefined;
  readonly addressOf: AddressOf;
}

const NEEDS_KEY: AccessDenial = {
  status: 401,
  code: "unauthorized",
  message: "A key is needed here: the header x-api-key, or Authorization: Bearer.",
};
const WRONG_KEY: AccessDenial = { status: 401, code: "unauthorized", message: "This key is wrong." };
const NO_ADMIN: AccessDenial = {
  status: 403,
  code: "forbidden",
  message: 'Your token may not use this API: its role is not "admin".',
};

const BEARER = /^Bearer +(\S+) *$/i;
/** Three parts of base64url, the first of which begins with `{"`. */
const JWT = /^eyJ[\w-]*\.[\w-]*\.[\w-]*$/;

/** A key wins over a token where a request shows both. */
export function createAccess({ keys, tokens, bans, addressOf }: AccessOptions): AccessCheck {
  const judgeKey = (key: string, address: string): Result<Principal, AccessDenial> => {
    const verdict = keys.judge(key, address);
    switch (verdict.is) {
      case "right":
        return success({ id: `key ${verdict.number}`, room: undefined, mayMint: true });
      case "wrong":
        return failure(WRONG_KEY);
      case "too_many":
        return failure(tooManyKeys(Math.ceil(verdict.retryMs / 1_000)));
      default:
        return verdict satisfies never;
    }
  };
  return (request) => {
    const address = addressOf(request);
    const key = request.get("x-api-key")?.trim() ?? "";
    if (key !== "") return judgeKey(key, address);
    const bearer = BEARER.exec(request.get("Authorization") ?? "")?.[1];
    if (bearer === undefined) return failure(NEEDS_KEY);
    if (tokens !== undefined && JWT.test(bearer) && !keys.has(bearer)) return judgeToken(tokens, bearer, address, bans);
    return judgeKey(bearer, address);
  };
}

async function judgeToken(
  gate: AdminTokenJudge,
  token: string,
  address: string,
  bans: BanCheck | undefined,
): Promise<Result<Principal, AccessDenial>> {
  const judged = await gate.judge(token, address);
  if (!judged.ok) return failure(denialOf(judged.failure));
  const { sub, room, role } = judged.value;
  const ban = bans?.reasonFor(banKeysOf(judged.value));
  if (ban !== undefined) return failure({ status: 403, code: "forbidden", message: ban });
  return role === "admin" ? success({ id: `sub ${sub}`, room, mayMint: false }) : failure(NO_ADMIN);
}

function tooManyKeys(retrySeconds: number): AccessDenial {
  return {
    status: 429,
    code: "rate_limited",
    message: `Too many wrong keys came from your network. Come back in ${retrySeconds} seconds.`,
    retrySeconds,
  };
}
