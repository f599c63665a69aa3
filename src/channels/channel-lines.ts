/** The lines that speak to the channels of this node, behind the port of the admission. */
import type { ChannelLines } from "../admission/channel-port.ts";
import { ChannelLine, type ChannelLineOptions } from "./channel-line.ts";

export function createChannelLines(options: ChannelLineOptions): ChannelLines {
  return { open: (port, request) => new ChannelLine(port, request, options) };
}
