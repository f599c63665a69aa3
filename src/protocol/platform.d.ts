/**
 * The only two globals of the platform that the pure folders may use: both are the same in every browser and in Node
 * (WHATWG Encoding Standard), hold no state and do no I/O. Everything else has to come in through a port.
 */
declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label?: "utf-8", options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: Uint8Array): string;
}
