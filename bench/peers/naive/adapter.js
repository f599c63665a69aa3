import { createWmbpAdapter } from "../wmbp/adapter.js";
import { crowd } from "../wmbp/crowd.js";

/** A socket of `ws` that the server has nothing to do with. */
const openBare = async (open) => ({ connection: await open({ path: "/BARE" }) });

export const adapter = { ...createWmbpAdapter({ isVolatileKnown: false }), crowd: { ...crowd, openBare } };
