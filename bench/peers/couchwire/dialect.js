/** The client's side of Couchwire's own wire. */
import { createWmbpDialect } from "../wmbp/dialect.js";

export const dialect = createWmbpDialect({ isVolatileKnown: true });
