/** The floor's messages: a letter, then what belongs to it. Numbers are in four bytes, the highest first. */
export const KIND = {
  /** Host: open a room. The answer is the same letter and the room's number. */
  open: 0x4f,
  /** Phone: join, and the room's number. The host hears the same letter and the phone's number. */
  join: 0x4a,
  /** Phone to host: the phone's number (which the server writes), and the data. */
  from: 0x46,
  /** Host to one phone: its number and the data. 0 means all phones. */
  to: 0x54,
  /** What a phone is sent: the data. */
  data: 0x44,
};

/** @param {number} kind @param {number} number */
export function numbered(kind, number, data = Buffer.alloc(0)) {
  const message = Buffer.allocUnsafe(5 + data.length);
  message[0] = kind;
  message.writeUInt32BE(number, 1);
  message.set(data, 5);
  return message;
}
