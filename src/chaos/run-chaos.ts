/** One run of the chaos kit: phones that misbehave for a while, and then the question whether anything was lost. */
import { flood, rush } from "./guests.ts";
import type { ChaosPlan, ChaosResult, Progress } from "./plan.ts";
import { loseTelevision, misbehave, MISBEHAVIOURS, ODDS, type Action } from "./misbehaviour.ts";
import { createNetwork, type Network } from "./network.ts";
import { Phone } from "./phone.ts";
import { createRandom, type Random } from "./random.ts";
import { describeGame, describeOwnRoom } from "./report.ts";
import { NOISE, TestHost } from "./test-host.ts";

/** Numbered frames of each phone, and for each phone. */
const FRAME_EVERY_MS = 50;
/** What is said in another's game. */
const SAY_EVERY_MS = 1_000;
const PROGRESS_EVERY_MS = 5_000;
/** How long a phone is good, between two misdeeds. */
const GOOD_MS = [300, 2_000] as const;
const TELEVISION_GOOD_MS = [2_000, 6_000] as const;
const RUSH_GUESTS = 5;
const OPEN_WITHIN_MS = 15_000;
/** After the run everybody is well again, and everything has to have arrived within this time. */
const SETTLE_MS = 30_000;

/**
 * Resolves when the run is over, or was stopped, and its lines are closed. What a phone or a guest is in the midst of when it
 * is stopped goes on for a while, unheard. Rejects where the room cannot be opened.
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
  readonly #deeds: Partial<Record<Action, number>> = {};
  readonly #notes: string[] = [];
  readonly #faults: string[] = [];
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  readonly #startedAt = performance.now();
  readonly #endsAt: number;
  #television: TestHost | undefined;
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
    const troubles = this.#phones.map((phone) => this.#trouble(phone));
    if (this.#television !== undefined) troubles.push(this.#troubleTelevision(this.#television));
    if (this.#television !== undefined || send !== undefined) troubles.push(this.#guests(code));
    await Promise.race([Promise.all(troubles), this.#stopped]);
    clearInterval(sending);
    for (const { proxy } of this.#networks) proxy.beWell();
    await Promise.race([this.#settled(), this.#stopped]);
    this.#onProgress(this.#progress());
    const isStopped = this.#stop.aborted;
    const report =
      this.#television === undefined
        ? describeGame(this.#phones)
        : describeOwnRoom(this.#phones, this.#television, isStopped);
    const faults = [...report.faults, ...this.#faults];
    return {
      ...report,
      isReliable: report.isReliable && faults.length === 0,
      faults,
      deeds: this.#deeds,
      notes: this.#notes,
      isStopped,
    };
  }

  /** Frees everything, whatever state it is in. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const phone of this.#phones) phone.close();
    this.#television?.close();
    // The goodbyes have to be through before the lines are cut.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await Promise.all(this.#networks.map((network) => network.close()));
  }

  /** The code of the room to disturb: another's, or one that is opened for it. */
  async #room(): Promise<string> {
    const { code, server, phones } = this.#plan;
    if (code !== undefined) return code;
    this.#television = await TestHost.open({
      server,
      seats: phones + RUSH_GUESTS + 1,
      network: await this.#network(0),
      signal: AbortSignal.any([AbortSignal.timeout(OPEN_WITHIN_MS), this.#stop]),
      onChange: () => this.#onChange(),
    });
    return this.#television.code;
  }

  async #network(part: number): Promise<Network> {
    const network = await createNetwork(new URL(this.#plan.server), this.#random.fork(part).whole(0, 2 ** 32 - 1));
    this.#networks.push(network);
    return network;
  }

  /** All phones in one moment. */
  async #join(code: string): Promise<void> {
    const { phones, server, pin } = this.#plan;
    const networks = await Promise.all(Array.from({ length: phones }, (_, index) => this.#network(index + 1)));
    for (const [index, network] of networks.entries()) {
      const isNumbered = this.#television !== undefined;
      const onChange = (): void => this.#onChange();
      this.#phones.push(new Phone({ lane: index + 1, server, code, pin, network, isNumbered, onChange }));
      this.#count("join");
    }
  }

  #startSending(): ReturnType<typeof setInterval> {
    const { send } = this.#plan;
    if (this.#television !== undefined) {
      return this.#every(FRAME_EVERY_MS, () => {
        this.#television?.sendNumbered();
        for (const phone of this.#phones) phone.sendNumbered();
      });
    }
    return this.#every(SAY_EVERY_MS, () => {
      if (send !== undefined) for (const phone of this.#phones) phone.say(send);
    });
  }

  /** One phone's evening: good for a while, then not. Each phone begins with another misdeed, so that a short run has all. */
  async #trouble(phone: Phone): Promise<void> {
    const random = this.#random.fork(1_000 + phone.lane);
    let action = MISBEHAVIOURS[phone.lane % MISBEHAVIOURS.length];
    while (await this.#goodTime(random, GOOD_MS)) {
      if (phone.end !== undefined) return;
      action ??= random.choose(ODDS);
      if (action !== "second_tab" || phone.wasIn) this.#count(action);
      await misbehave(action, phone, random);
      action = undefined;
      // Of two tabs that both look for their line it is open which one gets the seat, and so what the other misses.
      await phone.untilBack(Math.max(0, this.#endsAt - performance.now()));
    }
  }

  async #troubleTelevision(testHost: TestHost): Promise<void> {
    const random = this.#random.fork(2_000);
    while (await this.#goodTime(random, TELEVISION_GOOD_MS)) {
      this.#count("tv_lost");
      loseTelevision(testHost.network, random);
    }
  }

  async #guests(code: string): Promise<void> {
    const { server, seed, send, pin } = this.#plan;
    const onNote = (note: string): void => void this.#notes.push(note);
    const guests = { url: `${server.replace(/^http/, "ws")}/${code}`, pin, text: send ?? NOISE, onNote };
    if (this.#television !== undefined) {
      this.#count("rush", RUSH_GUESTS);
      this.#faults.push(...(await rush(guests, RUSH_GUESTS)));
    }
    this.#count("flood");
    this.#faults.push(...(await flood(guests, `chaos-flood-${seed}-${Date.now()}`, this.#endsAt)));
  }

  /** Waits for a while; `false` where the run is over before. */
  async #goodTime(random: Random, [least, most]: readonly [number, number]): Promise<boolean> {
    const left = this.#endsAt - performance.now();
    const wait = random.whole(least, most);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(wait, left))));
    return wait < left;
  }

  /** Waits until everything has arrived, or something is known to be wrong, or the time for that is over. */
  async #settled(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, SETTLE_MS);
      this.#onChange = () => {
        if (!this.#isSettled()) return;
        clearTimeout(timer);
        resolve();
      };
      this.#onChange();
    });
  }

  #isSettled(): boolean {
    const testHost = this.#television;
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
    this.#deeds[action] = (this.#deeds[action] ?? 0) + times;
  }

  #progress(): Progress {
    let framesUp = 0;
    let framesDown = 0;
    for (const phone of this.#phones) {
      framesUp += this.#television?.playerOf(phone.lane)?.deliveryLog.got ?? 0;
      framesDown += this.#television === undefined ? phone.frames : phone.deliveryLog.got;
    }
    const deeds = Object.values(this.#deeds).reduce((sum, times) => sum + times, 0);
    return { seconds: (performance.now() - this.#startedAt) / 1_000, deeds, framesUp, framesDown };
  }
}
