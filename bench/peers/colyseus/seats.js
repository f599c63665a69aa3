/** How a client of Colyseus gets into a room: a seat is reserved over HTTP, and taken with a WebSocket. */

export const JOIN_ROOM = 10;
export const ROOM_DATA = 13;

/** Names shorter than 32 characters have their length in one byte. @param {string} text */
export const nameOf = (text) => Buffer.concat([Uint8Array.of(0xa0 | text.length), Buffer.from(text)]);

/** @param {number} port @param {string} path @param {object} [options] */
export async function reserve(port, path, options = {}) {
  const response = await fetch(`http://127.0.0.1:${port}/matchmake/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(options),
  });
  const seat = await response.json();
  if (seat.sessionId === undefined) throw new Error(`No seat was reserved: ${JSON.stringify(seat)}`);
  return seat;
}

/** @param {Function} open @param {{ room: { processId: string, roomId: string }, sessionId: string }} seat */
export async function sit(open, { room, sessionId }) {
  const connection = await open({ path: `/${room.processId}/${room.roomId}?sessionId=${sessionId}` });
  await connection.conversation.until(({ bytes }) => (bytes[0] === JOIN_ROOM ? true : undefined));
  connection.say({ bytes: Uint8Array.of(JOIN_ROOM) });
  return connection;
}
