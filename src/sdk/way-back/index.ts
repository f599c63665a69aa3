/** `/sdk/way-back.js`: what the SDK loads in an evening only, so that other games need not. */
import { define } from "../kit/define.ts";
import { WayBack } from "./way-back.ts";

define("cw-way-back", WayBack);

/** Offers the way back on this page. Returns what takes it away. */
export function offerWayBack(isTv: boolean, goBack: () => void): () => void {
  const wayBack = new WayBack();
  wayBack.isTv = isTv;
  wayBack.goBack = goBack;
  document.body.append(wayBack);
  return () => wayBack.remove();
}
