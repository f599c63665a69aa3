import { INPUT } from "./input.js";

/** @type {import("./index.js").Scenario} */
export const ARRAY = {
  ...INPUT,
  name: "array",
  what: "`input` for a host that wants data as an array of integers, as WMBP has it, beside byte strings.",
  hostBytes: "array",
  needs: ["array bytes"],
  besides: INPUT,
};
