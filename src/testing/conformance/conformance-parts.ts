/** The parts of the wire, in the order in which their checks are run and told. */
export const CONFORMANCE_PARTS = ["wmbp", "sessions", "reliable", "open", "channels", "crowd"] as const;
/** One of them. */
export type ConformancePart = (typeof CONFORMANCE_PARTS)[number];
