/** Short noises without files. Browsers allow sound only after a press on a button, so it begins switched off. */
const NOISES = {
  // [wave, from Hz, to Hz, seconds, loudness]
  fire: ["square", 320, 90, 0.09, 0.05],
  bounce: ["triangle", 900, 700, 0.05, 0.05],
  hit: ["sawtooth", 220, 60, 0.18, 0.12],
  wreck: ["sawtooth", 140, 28, 0.7, 0.22],
  deflect: ["triangle", 1_400, 900, 0.09, 0.08],
  pickup: ["triangle", 520, 1_040, 0.16, 0.12],
  spawn: ["triangle", 300, 600, 0.2, 0.07],
  begin: ["triangle", 392, 784, 0.5, 0.16],
  tick: ["square", 880, 880, 0.06, 0.06],
  end: ["triangle", 784, 196, 0.9, 0.18],
};
/** Noises of one kind in this time sound as one. */
const APART_SECONDS = 0.03;

export function createSound() {
  let context;
  let isOn = false;
  const playedAt = {};
  return {
    toggle() {
      isOn = !isOn;
      if (isOn) context = context || new AudioContext();
      return isOn;
    },
    play(name) {
      const noise = NOISES[name];
      if (!isOn || noise === undefined) return;
      const now = context.currentTime;
      if (now - (playedAt[name] ?? -1) < APART_SECONDS) return;
      playedAt[name] = now;
      const [wave, from, to, seconds, loudness] = noise;
      const oscillator = context.createOscillator();
      const volume = context.createGain();
      oscillator.type = wave;
      oscillator.frequency.setValueAtTime(from, now);
      oscillator.frequency.exponentialRampToValueAtTime(to, now + seconds);
      volume.gain.setValueAtTime(loudness, now);
      volume.gain.exponentialRampToValueAtTime(0.001, now + seconds);
      oscillator.connect(volume).connect(context.destination);
      oscillator.start(now);
      oscillator.stop(now + seconds);
    },
  };
}
