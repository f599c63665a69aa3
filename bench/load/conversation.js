/** The messages of a connection that is being set up: copied, and kept until an adapter asks for them. */

const GIVE_UP_MS = 20_000;

/** @typedef {{ bytes: Buffer, isText: boolean }} Heard */

export class Conversation {
  /** @type {Heard[]} */
  #heard = [];
  /** @type {string | undefined} */
  #cutBecause;
  #wake = () => {};

  /** @param {import("./load-connection.js").LoadConnection} connection */
  constructor(connection) {
    connection.onMessage = (bytes, start, end, isText) => {
      this.#heard.push({ bytes: Buffer.from(bytes.subarray(start, end)), isText });
      this.#wake();
    };
    connection.onCut = (reason) => {
      this.#cutBecause = reason;
      this.#wake();
    };
  }

  /**
   * The first message that `read` makes something of; what came before it is dropped.
   * @template T
   * @param {(heard: Heard) => T | undefined} read
   * @returns {Promise<T>}
   */
  async until(read) {
    for (;;) {
      for (let heard = this.#heard.shift(); heard !== undefined; heard = this.#heard.shift()) {
        const found = read(heard);
        if (found !== undefined) return found;
      }
      this.requireConnection();
      await this.#more();
    }
  }

  /** @throws {Error} where the server has closed it */
  requireConnection() {
    if (this.#cutBecause === undefined) return;
    throw new Error(`The server closed a connection of a party that assembled: ${this.#cutBecause}`);
  }

  #more() {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("The server said nothing while a party assembled.")), GIVE_UP_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
    });
  }
}
