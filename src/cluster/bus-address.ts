/** Addresses of a bus: `redis://user:password@host:6379/0`, `nats://token@host:4222`, more than one of NATS separated by commas. */

/** What is wrong with an address, or with what it needs. The sentence has no secret in it. */
export class BusAddressError extends Error {
  override readonly name = "BusAddressError";
}

/** The servers that an address names. */
export function serversOf(address: string): URL[] {
  return address.split(",").map((part) => {
    const text = part.trim();
    if (URL.canParse(text) && new URL(text).hostname !== "") return new URL(text);
    throw new BusAddressError(`The address of a bus is like redis://host:6379 or nats://host:4222.`);
  });
}

/** The address as the log may show it: without user, password and query. */
export function withoutSecrets(address: string): string {
  return serversOf(address)
    .map((url) => `${url.protocol}//${url.host}`)
    .join(",");
}

/** Takes the user and the password of an address out of a text, such as an error's message. */
export function hidingSecretsOf(address: string): (text: string) => string {
  const secrets = serversOf(address)
    .flatMap(({ username, password }) => [username, password].flatMap((part) => [part, decoded(part)]))
    .filter((part) => part !== "");
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, "[redacted]"), text);
}

export function userOf(url: URL): string {
  return decoded(url.username);
}

export function passwordOf(url: URL): string {
  return decoded(url.password);
}

/** A library that only this bus needs. Rejects with a sentence that says how to install it. */
export async function loadLibrary<Library>(
  address: string,
  name: string,
  load: () => Promise<Library>,
  packages = name,
): Promise<Library> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new BusAddressError(
      `COUCHWIRE_BUS is ${withoutSecrets(address)}, which needs the package ${name}: npm install ${packages}`,
      { cause: error },
    );
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // A lone "%" stands for itself.
  }
}
