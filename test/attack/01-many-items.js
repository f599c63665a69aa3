/** Host frames of four mebibytes that hold as many things as a frame of that size can. */
import { WebSocket } from "ws";

const MEBIBYTE = 1_048_576;
const FRAME_BYTES = 4 * MEBIBYTE - 64;
/** A frame as it came, what is decoded of it, and what the runtime keeps around them for a while. */
const MAX_MEMORY_PER_BYTE = 2;
/** What a process takes up besides while it reads large frames: compiled code, garbage, buffers that sockets keep. */
const NOISE_BYTES = 80 * MEBIBYTE;

/** @type {import("./attack.js").Attack} */
export const attack = {
  row: 1,
  title: "A host sends frames of millions of items in fields that no command has",
  async run({ scale, startServer }) {
    // Each frame costs its host thousands of commands (P5.9.4). Here the frames themselves are looked at.
    const server = await startServer({ hostRate: 0 });
    const host = await connect(`${server.ws}/CREATE?format=json`);
    // Only the count of frames shrinks: the size of one is the attack.
    const rounds = Math.max(1, Math.round(4 * scale));
    const broken = [];
    let worstMs = 0;
    let worst = "";
    await answer(host, Buffer.from('{"cmd":"start"}')); // the first frame of a process compiles what reads it
    const before = server.rss();
    let peak = before;
    for (const [what, frame] of Object.entries(frames())) {
      for (let round = 0; round < rounds; round++) {
        const spent = server.cpuMs();
        await answer(host, frame);
        const ms = server.cpuMs() - spent;
        if (round > 0 && ms > worstMs) [worstMs, worst] = [ms, what];
        peak = Math.max(peak, server.rss());
      }
    }
    const taken = peak - before;
    const allowed = MAX_MEMORY_PER_BYTE * FRAME_BYTES + NOISE_BYTES;
    if (taken > allowed) broken.push(`The frames took ${mebibytes(taken)} MiB; ${mebibytes(allowed)} are allowed.`);
    if (host.readyState !== WebSocket.OPEN) broken.push("The host was closed.");
    host.terminate();
    return {
      figures: {
        "memory taken, MiB": mebibytes(taken),
        "worst frame, ms of processor time, the socket's share included":
          rounds > 1 ? `${worstMs} (${worst})` : "not measured",
      },
      broken,
    };
  },
};

/** @returns {Record<string, Buffer>} */
function frames() {
  const cbor = {
    "4 million empty chunks": ["a263636d6465737461727461785f", "40", "ff"],
    "4 million integers": ["a263636d6465737461727461789f", "00", "ff"],
    "4 million empty maps": ["a263636d6465737461727461789f", "a0", "ff"],
    "4 million empty texts in data": ["a363636d6462746f62746f8064646174617f", "60", "ff"],
    "4 million bytes as integers": ["a363636d6462746f62746f8064646174619f", "01", "ff"],
    "a million floats as bytes": ["a363636d6462746f62746f8064646174619f", "f94800", "ff"],
  };
  const json = {
    "2 million integers in JSON": ['{"cmd":"start","x":[', "1,", "1]}"],
    "a million objects in JSON": ['{"cmd":"start","x":[', "{},", "{}]}"],
    "2 million bytes in JSON": ['{"cmd":"to","to":[],"data":[', "1,", "1]}"],
    "700,000 escapes in JSON": ['{"cmd":"to_str","to":[],"data":"', "\\u00e4", '"}'],
    "one field 300,000 times in JSON": ["{", '"cmd":"start",', '"cmd":"start"}'],
    "a number of 4 million digits in JSON": ['{"cmd":"kick","player":', "1", "}"],
  };
  return {
    ...Object.fromEntries(Object.entries(cbor).map(([what, parts]) => [what, filled(parts, "hex")])),
    ...Object.fromEntries(Object.entries(json).map(([what, parts]) => [what, filled(parts, "utf8")])),
  };
}

/** @param {readonly string[]} parts before, again and again, after @param {BufferEncoding} encoding */
function filled([before = "", again = "", after = ""], encoding) {
  const item = Buffer.from(again, encoding);
  const middle = Buffer.alloc(Math.floor(FRAME_BYTES / item.length) * item.length, item);
  const frame = Buffer.concat([Buffer.from(before, encoding), middle, Buffer.from(after, encoding)]);
  return frame.subarray(0, 4 * MEBIBYTE);
}

/**
 * Sends a frame, and a command behind it whose answer says that the frame was dealt with.
 * @param {WebSocket} host @param {Buffer} frame
 */
async function answer(host, frame) {
  await new Promise((resolve) => {
    const onMessage = (/** @type {Buffer} */ data) => {
      const event = JSON.parse(data.toString());
      if (event.in !== "rescue") return;
      host.off("message", onMessage);
      resolve(undefined);
    };
    host.on("message", onMessage);
    host.send(frame, { binary: frame[0] !== 0x7b });
    host.send('{"cmd":"rescue","player":0}'); // refused, since there is no room: an answer that nothing else gives
  });
}

/** @param {string} url @returns {Promise<WebSocket>} */
function connect(url) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.on("open", () => resolve(socket));
    socket.on("error", reject);
  });
}

/** @param {number} bytes */
function mebibytes(bytes) {
  return Math.round(bytes / MEBIBYTE);
}
