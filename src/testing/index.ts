/**
 * Suites for a transport or a host of your own: what the project's own ports do, as functions that need no test framework.
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
