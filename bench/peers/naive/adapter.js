import { createWmbpAdapter } from "../wmbp/adapter.js";

export const adapter = createWmbpAdapter({ isVolatileKnown: false });
