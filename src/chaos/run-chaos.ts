/** One chaos run: phones misbehave for a while, then everything recovers and the run checks what arrived. */
import { setTimeout as delay } from "node:timers/promises";
import { flood, rush } from "./guests.ts";
import type { ChaosPlan, ChaosResult, Progress } from "./plan.ts";
import { cutTestHost, misbehave, MISBEHAVIOURS, ODDS, type Action } from "./misbehaviour.ts";
import { createNetwork, type Network } from "./network.ts";
import { Phone } from "./phone.ts";
import { createRandom, type Random } from "./random.ts";
import { describeGame, describeOwnRoom } from "./report.ts";
import { NOISE, TestHost } from "./test-host.ts";

/** Each phone sends and receives a numbered frame this often. */
const FRAME_EVERY_MS = 50;
/** In a foreign game each phone sends its text this often. */
const SAY_EVERY_MS = 1_000;
const PROGRESS_EVERY_MS = 5_000;
/** The pause between two actions of a phone. */
const CALM_MS = [300, 2_000] as const;
const TEST_HOST_CALM_MS = [2_000, 6_000] as const;
const RUSH_GUESTS = 5;
const OPEN_WITHIN_MS = 15_000;
/** After the last action all frames must arrive within this time. */
const SETTLE_MS = 30_000;

/**
 * Resolves when the run has ended or was stopped, and its connections are closed. After a stop, an action under way still ends
 * on its own. Rejects if the room cannot be opened.
 */
export async function runChaos(
  plan: ChaosPlan,
  onProgress: (progress: Progress) => void,
  stop: AbortSignal,
): Promise<ChaosResult> {
  const run = new Run(plan, onProgress, stop);
  try {
    return await run.toTheEnd();
  } finally {
    await run.close();
  }
}

class Run {
  readonly #plan: ChaosPlan;
  readonly #onProgress: (progress: Progress) => void;
  readonly #stop: AbortSignal;
  readonly #stopped: Promise<void>;
  readonly #random: Random;
  readonly #networks: Network[] = [];
  readonly #phones: Phone[] = [];
  readonly #actions: Partial<Record<Action, number>> = {};
  readonly #notes: string[] = [];
  readonly #faults: string[] = [];
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  readonly #startedAt = performance.now();
  readonly #endsAt: number;
  #testHost: TestHost | undefined;
  #onChange: () => void = () => undefined;

  constructor(plan: ChaosPlan, onProgress: (progress: Progress) => void, stop: AbortSignal) {
    this.#plan = plan;
    this.#onProgress = onProgress;
    this.#stop = stop;
    this.#stopped = new Promise((resolve) => {
      if (stop.aborted) resolve();
      else stop.addEventListener("abort", () => resolve(), { once: true });
    });
    this.#random = createRandom(plan.seed);
    this.#endsAt = this.#startedAt + plan.minutes * 60_000;
  }

  async toTheEnd(): Promise<ChaosResult> {
    const { send } = this.#plan;
    const code = await this.#room();
    await this.#join(code);
    this.#every(PROGRESS_EVERY_MS, () => this.#onProgress(this.#progress()));
    const sending = this.#startSending();
    const disturbances = this.#phones.map((phone) => this.#disturb(phone));
    if (this.#testHost !== undefined) disturbances.push(this.#disturbTestHost(this.#testHost));
    if (this.#testHost !== undefined || send !== undefined) disturbances.push(this.#guests(code));
    await Promise.race([Promise.all(disturbances), this.#stopped]);
    clearInterval(sending);
    for (const { proxy } of this.#networks) proxy.recover();
    await this.#settled();
    this.#onProgress(this.#progress());
    const isStopped = this.#stop.aborted;
    const report =
      this.#testHost === undefined
        ? describeGame(this.#phones)
        : describeOwnRoom(this.#phones, this.#testHost, isStopped);
    const faults = [...report.faults, ...this.#faults];
    return {
      ...report,
      hasPassed: report.hasPassed && faults.length === 0,
      faults,
      actions: this.#actions,
      notes: this.#notes,
      isStopped,
    };
  }

  /** Frees everything, in any state. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const phone of this.#phones) phone.close();
    this.#testHost?.close();
    // Lets the close frames through before the connections are cut.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await Promise.all(this.#networks.map((network) => network.close()));
  }

  /** The code of the room: the given one, or that of a newly opened room. */
  async #room(): Promise<string> {
    const { code, server, phones } = this.#plan;
    if (code !== undefined) return code;
    this.#testHost = await TestHost.open({
      server,
      seats: phones + RUSH_GUESTS + 1,
      network: await this.#network(0),
      signal: AbortSignal.any([AbortSignal.timeout(OPEN_WITHIN_MS), this.#stop]),
      onChange: () => this.#onChange(),
    });
    return this.#testHost.code;
  }

  async #network(part: number): Promise<Network> {
    const network = await createNetwork(new URL(this.#plan.server), this.#random.fork(part).whole(0, 2 ** 32 - 1));
    this.#networks.push(network);
    return network;
  }

  /** All phones join at once. */
  async #join(code: string): Promise<void> {
    const { phones, server, pin } = this.#plan;
    const networks = await Promise.all(Array.from({ length: phones }, (_, index) => this.#network(index + 1)));
    for (const [index, network] of networks.entries()) {
      const isNumbered = this.#testHost !== undefined;
      const onChange = (): void => this.#onChange();
      this.#phones.push(new Phone({ lane: index + 1, server, code, pin, network, isNumbered, onChange }));
      this.#count("join");
    }
  }

  #startSending(): ReturnType<typeof setInterval> {
    const { send } = this.#plan;
    if (this.#testHost !== undefined) {
      return this.#every(FRAME_EVERY_MS, () => {
        this.#testHost?.sendNumbered();
        for (const phone of this.#phones) phone.sendNumbered();
      });
    }
    return this.#every(SAY_EVERY_MS, () => {
      if (send !== undefined) for (const phone of this.#phones) phone.say(send);
    });
  }

  /** Repeats pause and action for one phone. Each phone begins with another action, so that a short run performs all of them. */
  async #disturb(phone: Phone): Promise<void> {
    const random = this.#random.fork(1_000 + phone.lane);
    let action = MISBEHAVIOURS[phone.lane % MISBEHAVIOURS.length];
    while (await this.#calmTime(random, CALM_MS)) {
      if (phone.end !== undefined) return;
      action ??= random.choose(ODDS);
      if (action !== "second_tab" || phone.wasIn) this.#count(action);
      await misbehave(action, phone, random);
      action = undefined;
      // Two tabs that reconnect at the same time would race for the seat, and the checks could not know the winner.
      await phone.untilBack(Math.max(0, this.#endsAt - performance.now()));
    }
  }

  async #disturbTestHost(testHost: TestHost): Promise<void> {
    const random = this.#random.fork(2_000);
    while (await this.#calmTime(random, TEST_HOST_CALM_MS)) {
      this.#count("host_lost");
      cutTestHost(testHost.network, random);
    }
  }

  async #guests(code: string): Promise<void> {
    const { server, seed, send, pin } = this.#plan;
    const onNote = (note: string): void => void this.#notes.push(note);
    const guests = {
      url: `${server.replace(/^http/, "ws")}/${code}`,
      pin,
      text: send ?? NOISE,
      stop: this.#stop,
      onNote,
    };
    if (this.#testHost !== undefined) {
      this.#count("rush", RUSH_GUESTS);
      this.#faults.push(...(await rush(guests, RUSH_GUESTS)));
    }
    this.#count("flood");
    this.#faults.push(...(await flood(guests, `chaos-flood-${seed}-${Date.now()}`, this.#endsAt)));
  }

  /** Waits for a random time; resolves with `false` if the run ends or is stopped before. */
  async #calmTime(random: Random, [least, most]: readonly [number, number]): Promise<boolean> {
    const left = this.#endsAt - performance.now();
    const wait = random.whole(least, most);
    await delay(Math.max(0, Math.min(wait, left)), undefined, { signal: this.#stop }).catch(() => undefined);
    return wait < left && !this.#stop.aborted;
  }

  /** Resolves once all frames have arrived or a fault is known, after `SETTLE_MS`, or when the run is stopped. */
  async #settled(): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(end, SETTLE_MS);
      void this.#stopped.then(end);
      this.#onChange = () => {
        if (this.#isSettled()) end();
      };
      this.#onChange();
    });
  }

  #isSettled(): boolean {
    const testHost = this.#testHost;
    if (testHost === undefined) return true;
    const isWrong = this.#phones.some(({ lane, deliveryLog }) => {
      return deliveryLog.faultCount + (testHost.playerOf(lane)?.deliveryLog.faultCount ?? 0) > 0;
    });
    return isWrong || this.#phones.every((phone) => phone.end !== undefined || testHost.isLevelWith(phone));
  }

  #every(ms: number, action: () => void): ReturnType<typeof setInterval> {
    const timer = setInterval(action, ms);
    this.#timers.push(timer);
    return timer;
  }

  #count(action: Action, times = 1): void {
    this.#actions[action] = (this.#actions[action] ?? 0) + times;
  }

  #progress(): Progress {
    let framesUp = 0;
    let framesDown = 0;
    for (const phone of this.#phones) {
      framesUp += this.#testHost?.playerOf(phone.lane)?.deliveryLog.got ?? 0;
      framesDown += this.#testHost === undefined ? phone.frames : phone.deliveryLog.got;
    }
    const actions = Object.values(this.#actions).reduce((sum, times) => sum + times, 0);
    return { seconds: (performance.now() - this.#startedAt) / 1_000, actions, framesUp, framesDown };
  }
}
