/**
 * Which of two nodes that are shown one refresh token at the same moment may rotate it: the one that gets a claim. A claim that another node has says nothing by
 * itself, since its answer may have been lost, and the token was not rotated. So that node is asked.
 */
import { z } from "zod";
import type { ClaimRotation, RefreshFamilies, Rotation } from "../../auth/refresh-families.ts";
import type { Calls } from "./calls.ts";
import type { Once } from "./once.ts";

export interface RefreshClaimsOptions {
  readonly once: Pick<Once, "claim" | "holderOf">;
  readonly calls: Pick<Calls, "handle" | "call">;
  readonly families: Pick<RefreshFamilies, "stateOf">;
}

const USED_CALL = "refresh.used";
const ROTATION = z.object({ family: z.string(), turn: z.string(), step: z.number() });
const ANSWER = z.object({ isUsed: z.boolean() });

export function createRefreshClaims({ once, calls, families }: RefreshClaimsOptions): ClaimRotation {
  const isUsed = (rotation: Rotation): boolean => families.stateOf(rotation, Infinity) === "used";
  calls.handle(USED_CALL, async (body) => ({ isUsed: isUsed(ROTATION.parse(body)) }));
  return async ({ family, turn, step }) => {
    const rotation = { family, turn, step };
    const name = `${family}:${turn}`;
    const claimed = await once.claim(name);
    if (claimed !== "taken" || isUsed(rotation)) return claimed;
    const holder = await once.holderOf(name);
    if (holder === undefined || holder.isSelf) return "away";
    const answer = await calls.call(holder.node, USED_CALL, rotation);
    const read = ANSWER.safeParse(answer.ok ? answer.value : undefined);
    return read.data?.isUsed === true ? "taken" : "away";
  };
}
