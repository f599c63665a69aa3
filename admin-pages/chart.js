/** A chart of the last ten minutes, drawn as SVG: lines that share one scale, and the figures under the pointer. */
import { clockTime } from "./format.js";
import { make, setText } from "./shell.js";

const SVG = "http://www.w3.org/2000/svg";
const SPAN_MS = 600_000;
/** Room for the figures of the scale at the left, and for the times below. */
const LEFT = 46;
const BOTTOM = 20;
const TOP = 8;
/** The steps between the rules of a scale, in powers of ten. */
const STEPS = [1, 2, 2.5, 5, 10];

/**
 * @param {HTMLElement} panel The section of a chart.
 * @param {{ series: { name: string, of: (sample: object) => number }[], format: (value: number) => string }} plan
 * @returns {(samples: object[], now: number, sampleMs: number) => void}
 */
export function createChart(panel, { series, format }) {
  const plot = panel.querySelector(".plot");
  const legend = panel.querySelector(".legend");
  const heading = panel.querySelector("h2").textContent;
  const svg = shape("svg", { role: "img" });
  const values = series.map(({ name }, index) => {
    const value = make("b", {}, "–");
    legend.append(make("span", { className: `series-${index}` }, make("i"), `${name} `, value));
    return value;
  });
  const when = make("span", {}, "");
  legend.append(when);
  plot.append(svg);

  let drawn = { samples: [], now: 0, sampleMs: 0 };
  /** Where the pointer is, in pixels from the left; `undefined` where it is elsewhere. */
  let pointer;

  function draw() {
    const { samples, now, sampleMs } = drawn;
    const width = plot.clientWidth;
    const height = plot.clientHeight;
    if (width === 0 || sampleMs === 0) return;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const most = samples.reduce((top, sample) => Math.max(top, ...series.map(({ of }) => of(sample))), 0);
    const step = stepFor(most);
    const top = Math.max(step, Math.ceil(most / step) * step);
    const x = (at) => LEFT + (1 - (now - at) / SPAN_MS) * (width - LEFT - 2);
    const y = (value) => TOP + (1 - value / top) * (height - TOP - BOTTOM);
    const parts = [];

    for (let value = 0; value <= top + step / 2; value += step) {
      parts.push(shape("line", { class: "rule", x1: LEFT, x2: width, y1: y(value), y2: y(value) }));
      parts.push(text(LEFT - 7, y(value) + 4, "end", format(value)));
    }
    for (const minutes of [10, 5]) {
      const anchor = minutes === 10 ? "start" : "middle";
      parts.push(text(x(now - minutes * 60_000), height - 3, anchor, `${minutes} min ago`));
    }
    parts.push(text(width, height - 3, "end", "now"));

    for (const [index, { of }] of series.entries()) {
      const stretches = withoutGaps(samples, sampleMs).map((stretch) =>
        stretch.map((each) => [x(each.at), y(of(each))]),
      );
      for (const points of stretches) {
        const line = points.map((point) => point.map((place) => place.toFixed(1)).join(",")).join(" L");
        const [first] = points;
        const last = points[points.length - 1];
        const area = `M${first[0].toFixed(1)},${y(0)} L${line} L${last[0].toFixed(1)},${y(0)} Z`;
        parts.push(shape("path", { class: `area series-${index}`, d: area }));
        parts.push(shape("path", { class: `line series-${index}`, d: `M${line}` }));
      }
    }

    const newest = samples[samples.length - 1];
    const pointed = pointer === undefined ? undefined : nearest(samples, (sample) => Math.abs(x(sample.at) - pointer));
    if (pointed !== undefined) {
      parts.push(shape("line", { class: "cursor", x1: x(pointed.at), x2: x(pointed.at), y1: TOP, y2: y(0) }));
    }
    svg.replaceChildren(...parts);
    const shown = pointed ?? newest;
    setText(when, pointed === undefined ? "" : clockTime(pointed.at));
    for (const [index, { of }] of series.entries()) {
      setText(values[index], shown === undefined ? "–" : format(of(shown)));
    }
    const figures = series.map(({ name, of }) => `${name} ${newest === undefined ? "unknown" : format(of(newest))}`);
    svg.setAttribute(
      "aria-label",
      `${heading}, the last ten minutes. Now: ${figures.join(", ")}. Most: ${format(most)}.`,
    );
  }

  const point = (event) => {
    pointer = event.clientX - plot.getBoundingClientRect().left;
    draw();
  };
  plot.addEventListener("pointermove", point);
  plot.addEventListener("pointerdown", point);
  plot.addEventListener("pointerleave", () => {
    pointer = undefined;
    draw();
  });
  new ResizeObserver(draw).observe(plot);
  return (samples, now, sampleMs) => {
    drawn = { samples, now, sampleMs };
    draw();
  };
}

/** The distance between rules, for two to four of them up to this value. */
function stepFor(most) {
  if (most <= 0) return 1;
  const rough = most / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((each) => each * power >= rough) ?? 10) * power;
  return most <= 4 ? Math.max(1, step) : step;
}

/** Stretches of samples with none missing between them: a computer that slept has no traffic to draw. */
function withoutGaps(samples, sampleMs) {
  const stretches = [];
  for (const [index, sample] of samples.entries()) {
    const isNext = index > 0 && sample.at - samples[index - 1].at < 3 * sampleMs;
    if (isNext) stretches[stretches.length - 1].push(sample);
    else stretches.push([sample]);
  }
  return stretches;
}

function nearest(samples, distanceOf) {
  let best;
  for (const sample of samples) if (best === undefined || distanceOf(sample) < distanceOf(best)) best = sample;
  return best;
}

function shape(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function text(x, y, anchor, content) {
  const element = shape("text", { x, y, "text-anchor": anchor });
  element.textContent = content;
  return element;
}
