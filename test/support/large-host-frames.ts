/** Host frames of four mebibytes that cost as much as a frame of that size can be made to cost, each in its own way. */

export interface LargeFrame {
  readonly what: string;
  readonly frame: Uint8Array;
  readonly isText: boolean;
}

const SIZE = 4_194_304;

export function largeHostFrames(): readonly LargeFrame[] {
  const start = "a2 63636d64 657374617274 6178";
  const to = "a3 63636d64 62746f 62746f 80 6464617461";
  const toStr = "a3 63636d64 66746f5f737472 62746f 80 6464617461";
  const prepare = '{"cmd":"prepare","max_players":1';
  return [
    cbor("empty chunks in an unknown field", `${start} 5f`, "40", "ff"),
    cbor("small integers in an unknown field", `${start} 9f`, "00", "ff"),
    cbor("empty texts in an unknown field", `${start} 9f`, "60", "ff"),
    cbor("empty maps in an unknown field", `${start} 9f`, "a0", "ff"),
    cbor("text beyond ASCII in an unknown field", `${start} 7f 7a003ffff0`, "c3a4", "ff", 0x3ffff0),
    cbor("data as integers", `${to} 9f`, "01", "ff"),
    cbor("data as long integers", `${to} 9f`, "1b0000000000000005", "ff"),
    cbor("data as floats", `${to} 9f`, "f94800", "ff"),
    cbor("data in empty chunks", `${to} 5f`, "40", "ff"),
    cbor("integers where text belongs", `${toStr} 9f`, "01", "ff"),
    cbor("text beyond ASCII", `${toStr} 7f 7a003ffff0`, "c3a4", "ff", 0x3ffff0),
    longKeys(),
    json("integers in an unknown field", '{"cmd":"start","x":[', "1,", "1]}"),
    json("empty objects in an unknown field", '{"cmd":"start","x":[', "{},", "{}]}"),
    json("data as integers", '{"cmd":"to","to":[],"data":[', "1,", "1]}"),
    json("data as floats", '{"cmd":"to","to":[],"data":[', "1.0,", "1]}"),
    json("integers where text belongs", '{"cmd":"to_str","to":[],"data":[', "1,", "1]}"),
    json("escapes", '{"cmd":"to_str","to":[],"data":"', "\\u00e4", '"}'),
    json("text beyond Latin-1", '{"cmd":"to_str","to":[],"data":"', "€", '"}'),
    json("a long number", '{"cmd":"kick","player":8.', "0", "}"),
    json("keys of a save", '{"cmd":"save","keys":{', '"k":"",', '"k":""}}'),
    cbor("keys of a save", "a2 63636d64 6473617665 646b657973 bf", "616b60", "ff"),
    json("one field again and again", "{", '"cmd":"start",', '"cmd":"start"}'),
    json("space", "{", " ", '"cmd":"start"}'),
    json("a long name", `${prepare},"name":"`, "é", '"}'),
    json("a long meta", `${prepare},"meta":"`, "é", '"}'),
    json("a meta of many items", `${prepare},"meta":[`, "1,", "1]}"),
  ];
}

function cbor(what: string, before: string, again: string, after: string, length = SIZE - 64): LargeFrame {
  const [head, item, tail] = [before, again, after].map((digits) => Buffer.from(digits.replaceAll(" ", ""), "hex"));
  return filled({ what: `CBOR with ${what}`, isText: false }, [head, item, tail], length);
}

function json(what: string, before: string, again: string, after: string): LargeFrame {
  const [head, item, tail] = [before, again, after].map((text) => Buffer.from(text));
  return filled({ what: `JSON with ${what}`, isText: true }, [head, item, tail], SIZE - 64);
}

type Part = Buffer | undefined;

function filled(about: Omit<LargeFrame, "frame">, [head, item, tail]: readonly Part[], length: number): LargeFrame {
  const itemLength = item?.length ?? 1;
  const middle = Buffer.alloc(Math.floor(length / itemLength) * itemLength, item);
  return { ...about, frame: new Uint8Array(Buffer.concat([head, middle, tail].filter((part) => part !== undefined))) };
}

/** As many entries as a map may have, with keys that fill the frame. */
function longKeys(): LargeFrame {
  const keys = Array.from({ length: 1_023 }, (_key, index) => {
    const key = Buffer.alloc(4_080, "é");
    key.write(String(index).padStart(4), 4_070);
    return Buffer.concat([Buffer.from("790ff0", "hex"), key, Buffer.from([0])]);
  });
  const head = Buffer.from("b90400 63636d64 657374617274".replaceAll(" ", ""), "hex");
  return { what: "CBOR with long keys", frame: new Uint8Array(Buffer.concat([head, ...keys])), isText: false };
}
