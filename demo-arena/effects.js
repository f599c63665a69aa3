/** Sparks, smoke, rings and the shaking of the picture. All of it is decoration: the battle does not know of it. */

const MAX_PARTICLES = 700;

/** @param {() => number} random */
export function createEffects(random = Math.random) {
  let particles = [];
  let rings = [];
  let words = [];
  let shake = 0;

  function burst(x, y, count, { speed = 260, seconds = 0.5, size = 5, colors, drag = 3 }) {
    for (let index = 0; index < count && particles.length < MAX_PARTICLES; index++) {
      const angle = random() * 2 * Math.PI;
      const pace = speed * (0.25 + 0.75 * random());
      const life = seconds * (0.5 + 0.5 * random());
      const color = colors[Math.floor(random() * colors.length)];
      particles.push({
        x,
        y,
        dx: Math.cos(angle) * pace,
        dy: Math.sin(angle) * pace,
        life,
        left: life,
        size: size * (0.5 + random()),
        color,
        drag,
      });
    }
  }

  const FIRE = ["#fff3c4", "#ffd166", "#ff9f43", "#ff6b3d"];
  const SMOKE = ["#5b6b73", "#42525a", "#7d8b91"];

  return {
    muzzle: (x, y) => burst(x, y, 7, { speed: 200, seconds: 0.18, size: 4, colors: FIRE }),
    spark: (x, y) => burst(x, y, 6, { speed: 180, seconds: 0.25, size: 3, colors: ["#fff3c4", "#ffd166"] }),
    shine(x, y, color) {
      rings.push({ x, y, from: 12, to: 64, life: 0.4, left: 0.4, color });
      burst(x, y, 10, { speed: 220, seconds: 0.4, size: 4, colors: [color, "#ffffff"] });
    },
    hit(x, y, color) {
      burst(x, y, 18, { speed: 320, seconds: 0.4, size: 5, colors: [...FIRE, color] });
      shake = Math.max(shake, 5);
    },
    wreck(x, y, color) {
      burst(x, y, 50, { speed: 460, seconds: 0.8, size: 8, colors: [...FIRE, color, color] });
      burst(x, y, 24, { speed: 120, seconds: 1.4, size: 14, colors: SMOKE, drag: 1.5 });
      rings.push({ x, y, from: 20, to: 170, life: 0.5, left: 0.5, color: "#fff3c4" });
      shake = 16;
    },
    say: (x, y, text, color) => words.push({ x, y, text, color, left: 1.1 }),
    step(seconds) {
      for (const particle of particles) {
        particle.left -= seconds;
        particle.x += particle.dx * seconds;
        particle.y += particle.dy * seconds;
        const slow = Math.max(0, 1 - particle.drag * seconds);
        particle.dx *= slow;
        particle.dy *= slow;
      }
      for (const ring of rings) ring.left -= seconds;
      for (const word of words) {
        word.left -= seconds;
        word.y -= 55 * seconds;
      }
      particles = particles.filter(({ left }) => left > 0);
      rings = rings.filter(({ left }) => left > 0);
      words = words.filter(({ left }) => left > 0);
      shake *= Math.max(0, 1 - 7 * seconds);
    },
    /** How far the picture is off its place just now. */
    get offset() {
      return shake < 0.3 ? { x: 0, y: 0 } : { x: (random() - 0.5) * shake, y: (random() - 0.5) * shake };
    },
    /** @param {CanvasRenderingContext2D} context */
    draw(context) {
      for (const { x, y, life, left, size, color } of particles) {
        context.globalAlpha = left / life;
        context.fillStyle = color;
        context.beginPath();
        context.arc(x, y, size * (0.4 + (0.6 * left) / life), 0, 2 * Math.PI);
        context.fill();
      }
      for (const { x, y, from, to, life, left, color } of rings) {
        context.globalAlpha = left / life;
        context.strokeStyle = color;
        context.lineWidth = 6 * (left / life);
        context.beginPath();
        context.arc(x, y, to - (to - from) * (left / life), 0, 2 * Math.PI);
        context.stroke();
      }
      context.textAlign = "center";
      context.font = "800 38px system-ui, sans-serif";
      for (const { x, y, text, color, left } of words) {
        context.globalAlpha = Math.min(1, left * 2);
        context.lineWidth = 8;
        context.strokeStyle = "#0b1b22";
        context.strokeText(text, x, y);
        context.fillStyle = color;
        context.fillText(text, x, y);
      }
      context.globalAlpha = 1;
    },
  };
}
