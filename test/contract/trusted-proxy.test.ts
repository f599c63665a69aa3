import { describe, expect, test } from "@jest/globals";
import { HANDSHAKE_HEADERS, makeRequest, RawClient } from "../support/raw-client.ts";
import { startServer } from "../support/server.ts";
import { endOfTurn } from "../support/websocket/fake-stream.ts";

/** The close code of a phone that guesses a wrong code, and comes by way of these addresses. */
async function guess(port: number, forwardedFor: readonly string[], isInPieces: boolean): Promise<number> {
  const client = new RawClient(port);
  const headers = forwardedFor.map((address) => ["X-Forwarded-For", address] as const);
  const request = makeRequest("GET", "/BCDF", [...Object.entries(HANDSHAKE_HEADERS), ...headers]);
  if (isInPieces) {
    client.write(request.subarray(0, 9));
    for (let turn = 0; turn < 5; turn++) await endOfTurn();
  }
  client.write(isInPieces ? request.subarray(9) : request);
  const { code } = await client.closeFrame();
  client.socket.destroy();
  return code;
}

/** Those of three who come one after the other. */
async function guessThrice(port: number, forwardedFor: readonly string[], isInPieces: boolean): Promise<number[]> {
  const codes: number[] = [];
  while (codes.length < 3) codes.push(await guess(port, forwardedFor, isInPieces));
  return codes;
}

/** For the first two there is no such room, the third is not even told that. */
const TOO_MANY = [4504, 4504, 4029];

describe.each([
  ["comes whole", false],
  ["comes in pieces", true],
])("a handshake that %s", (_how, isInPieces) => {
  test("counts for whom a trusted proxy names last, in one header or in several", async () => {
    const { port } = await startServer({ trustProxy: "loopback", guessLimit: 2 });
    expect(await guessThrice(port, ["203.0.113.7"], isInPieces)).toEqual(TOO_MANY);
    expect(await guessThrice(port, ["203.0.113.8"], isInPieces)).toEqual(TOO_MANY);
    expect(await guessThrice(port, ["203.0.113.7, 203.0.113.9"], isInPieces)).toEqual(TOO_MANY);
    expect(await guessThrice(port, ["203.0.113.7", "203.0.113.10"], isInPieces)).toEqual(TOO_MANY);
    expect(await guessThrice(port, ["198.51.100.1, 203.0.113.10"], isInPieces)).toEqual([4029, 4029, 4029]);
    expect(await guessThrice(port, [], isInPieces)).toEqual(TOO_MANY);
  });

  test("counts for where it comes from if no proxy is trusted, whatever it says", async () => {
    const { port } = await startServer({ guessLimit: 2 });
    const codes = [];
    for (const address of ["203.0.113.1", "203.0.113.2", "203.0.113.3"])
      codes.push(await guess(port, [address], isInPieces));
    expect(codes).toEqual(TOO_MANY);
  });
});
