/** Which phones are in which room. */
import type { Random } from "../src/chaos/random.ts";
import type { WorldParameters } from "./parameters.ts";

/** Fills `roomOf` so that the phones of a room are neighbours, and its host comes behind all phones; how many a room has is chance. Returns where the phones of each begin. */
export function seatPhones({ rooms, phones }: WorldParameters, random: Random, roomOf: Uint32Array): Uint32Array {
  const from = new Uint32Array(rooms + 1);
  const sizes = new Uint32Array(rooms);
  for (let phone = 0; phone < phones; phone++) {
    const room = random.whole(0, rooms - 1);
    sizes[room] = (sizes[room] ?? 0) + 1;
  }
  for (let room = 0; room < rooms; room++) {
    const [begin, size] = [from[room] ?? 0, sizes[room] ?? 0];
    roomOf.fill(room, begin, begin + size);
    from[room + 1] = begin + size;
    roomOf[phones + room] = room;
  }
  return from;
}
