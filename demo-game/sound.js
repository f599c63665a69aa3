/**
 * Short tunes from an oscillator, without files, and a line that says what is heard. Browsers allow sound only after a press on a button, so it
 * begins switched off.
 */
const TUNES = {
  // [frequency in Hz, start in s, length in s]
  join: [
    [520, 0, 0.09],
    [780, 0.09, 0.14],
  ],
  done: [
    [660, 0, 0.08],
    [880, 0.07, 0.1],
  ],
  scene: [
    [300, 0, 0.08],
    [400, 0.08, 0.08],
    [520, 0.16, 0.14],
  ],
  hurry: [[440, 0, 0.05]],
  fib: [
    [330, 0, 0.12],
    [262, 0.13, 0.12],
    [208, 0.26, 0.26],
  ],
  truth: [
    [523, 0, 0.1],
    [659, 0.1, 0.1],
    [784, 0.2, 0.1],
    [1047, 0.3, 0.3],
  ],
  podium: [
    [523, 0, 0.14],
    [523, 0.16, 0.08],
    [523, 0.26, 0.08],
    [698, 0.36, 0.2],
    [880, 0.58, 0.2],
    [1047, 0.8, 0.5],
  ],
};
const LOUDNESS = 0.12;

/** What each tune says, for people who do not hear it. */
const CAPTIONS = {
  join: "ding dong: somebody is here",
  done: "plink: somebody is done",
  scene: "three notes up: on we go",
  hurry: "tick: the time is nearly up",
  fib: "womp womp: a fib",
  truth: "ta-da: the truth",
  podium: "fanfare: the winners",
};
const CAPTION_MS = 2_500;

/** @param {HTMLElement} captions the line that says what is heard */
export function createSound(captions) {
  let hideCaption;
  let context = null;
  let on = false;
  return {
    get isOn() {
      return on;
    },
    toggle() {
      on = !on;
      if (on) context ??= new AudioContext();
      return on;
    },
    /** @param {keyof typeof TUNES} name */
    play(name) {
      if (!on) return;
      clearTimeout(hideCaption);
      captions.textContent = `♪ ${CAPTIONS[name]}`;
      captions.hidden = false;
      hideCaption = setTimeout(() => (captions.hidden = true), CAPTION_MS);
      for (const [frequency, start, length] of TUNES[name]) {
        const oscillator = context.createOscillator();
        const volume = context.createGain();
        const begin = context.currentTime + start;
        oscillator.type = "triangle";
        oscillator.frequency.value = frequency;
        volume.gain.setValueAtTime(LOUDNESS, begin);
        volume.gain.exponentialRampToValueAtTime(0.001, begin + length);
        oscillator.connect(volume).connect(context.destination);
        oscillator.start(begin);
        oscillator.stop(begin + length);
      }
    },
  };
}
