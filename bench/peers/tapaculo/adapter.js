import { websocketWire } from "../../load/websocket-wire.js";
import { members } from "./members.js";

export const adapter = { wire: websocketWire, members };
