/**
 * Suites for a transport, a host or a server of your own: what the project's own do, as functions that need no test framework.
 * @module
 */
export type { Behaviour, ConnectionEnd } from "./behaviour.ts";
export {
  hostSuite,
  type HostCommandSaid,
  type HostNewsSeen,
  type HostTarget,
  type HostUnderTest,
  type PhoneUnderTest,
} from "./host-suite.ts";
export {
  memberSuite,
  type HeardByMember,
  type MemberTarget,
  type MemberUnderTest,
  type RoomUnderTest,
} from "./member-suite.ts";
export type { CheckVerdict, ConformanceCheck } from "./conformance/conformance-check.ts";
export { CONFORMANCE_PARTS, type ConformancePart } from "./conformance/conformance-parts.ts";
export { conformanceSuite } from "./conformance/conformance-suite.ts";
export {
  createConformanceTarget,
  type ConformanceTarget,
  type ConformanceTargetOptions,
} from "./conformance/conformance-target.ts";
export { problemOfReaching } from "./conformance/reach-server.ts";
export {
  runConformance,
  type ConformanceFault,
  type ConformanceResult,
  type ConformanceRun,
} from "./conformance/run-conformance.ts";
