/** Watchers of a room: another room of Socket.IO, whose votes the server counts for the host. */

/** Votes are told to a host so often. */
const TALLY_MS = 250;

/** The Socket.IO room of those that watch. @param {string} code */
export const crowdOf = (code) => `crowd ${code}`;

/** @param {import("socket.io").Server} io @param {import("socket.io").Socket} socket @param {Map<string, object>} hosts rooms by their codes */
export function serveWatchers(io, socket, hosts) {
  const { data: seat } = socket;
  socket.on("watch", async (code) => {
    const room = hosts.get(code);
    if (room === undefined) return socket.disconnect();
    seat.room = room;
    seat.isWatcher = true;
    room.tally ??= new Map();
    room.tallying ??= setInterval(() => tellTally(room), TALLY_MS);
    await socket.join(crowdOf(code));
    socket.emit("watching", code);
    return undefined;
  });
  socket.on("vote", (vote) => {
    const { tally } = seat.room;
    tally.set(vote, (tally.get(vote) ?? 0) + 1);
  });
  socket.on("to_crowd", (data) => io.to(crowdOf(seat.room.code)).emit("data", data));
}

/** @param {{ host: import("socket.io").Socket, tally: Map<string, number> }} room */
function tellTally({ host, tally }) {
  if (tally.size === 0) return;
  host.emit("tally", Object.fromEntries(tally));
  tally.clear();
}
