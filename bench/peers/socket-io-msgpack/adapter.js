/** The client's side of Socket.IO's MessagePack parser: each event is one binary frame, `{type, data: [name, …], nsp}`. */
import parser from "socket.io-msgpack-parser";
import { msgpackHead, readHead, skipItem } from "../read-msgpack.js";
import { createSocketIoAdapter } from "../socket-io/engine.js";

const encoder = new parser.Encoder();
const encode = (packet) => ({ bytes: Buffer.from(encoder.encode({ nsp: "/", ...packet })[0]) });

const DATA_LETTER = "d".charCodeAt(0);

export const adapter = createSocketIoAdapter({
  hello: encode({ type: parser.PacketType.CONNECT }),
  event: (words) => [encode({ type: parser.PacketType.EVENT, data: words })],
  decode({ bytes, isText }) {
    if (isText) return undefined;
    let event;
    const decoder = new parser.Decoder();
    decoder.on("decoded", ({ type, data }) => (event = type === parser.PacketType.EVENT ? data : []));
    decoder.add(bytes);
    return event;
  },
  read(_member, bytes, start, _end, _isText, take) {
    let at = readHead(bytes, start);
    for (let fields = msgpackHead.value; fields > 0; fields -= 1) {
      const keyAt = readHead(bytes, at);
      at = keyAt + msgpackHead.value;
      if (bytes[keyAt] === DATA_LETTER) readWords(bytes, at, take);
      at = skipItem(bytes, at);
    }
  },
});

/** `["input", from, payload]` at a host, `["data", payload]` at a phone; other events have no payload. */
function readWords(bytes, start, take) {
  let at = readHead(bytes, start);
  const count = msgpackHead.value;
  at = skipItem(bytes, at);
  let from;
  for (let left = count - 1; left > 0; left -= 1) {
    const contentAt = readHead(bytes, at);
    if (msgpackHead.type === "bytes") return take(bytes, contentAt, contentAt + msgpackHead.value, from);
    from = msgpackHead.value;
    at = skipItem(bytes, at);
  }
  return undefined;
}
