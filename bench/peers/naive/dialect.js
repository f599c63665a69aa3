import { createWmbpDialect } from "../wmbp/dialect.js";

export const dialect = createWmbpDialect({ isVolatileKnown: false });
