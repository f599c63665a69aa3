/** The chart of the documents: a panel a scenario, a bar a peer. Written by hand, so that it needs nothing and diffs well. */
import { costScenarios } from "./markdown.js";

const WIDTH = 830;
const COLUMNS = 2;
const MARGIN = 8;
const GUTTER = 30;
const PANEL_WIDTH = (WIDTH - 2 * MARGIN - (COLUMNS - 1) * GUTTER) / COLUMNS;

const HEADING_HEIGHT = 34;
const TITLE_HEIGHT = 26;
const BAR_PITCH = 18;
const BAR_HEIGHT = 12;
const PANEL_GAP = 20;

const NAME_WIDTH = 118;
const VALUE_WIDTH = 92;
const BARS_WIDTH = PANEL_WIDTH - NAME_WIDTH - VALUE_WIDTH;

/** The text follows the reader's light or dark; the colours of the bars are legible on both. */
const STYLE = [
  "text { font: 12px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328 }",
  ".heading { font-size: 14px; font-weight: 600 }",
  ".title { font-weight: 600 }",
  ".quiet { fill: #59636e }",
  ".bar { fill: #9198a1 }",
  ".ours { fill: #2f81f7 }",
  ".axis { stroke: #9198a1; stroke-opacity: 0.5 }",
  "@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .quiet { fill: #9198a1 } }",
].join("\n");

/** @param {import("./markdown.js").Summary} summary @returns {string} an SVG */
export function chart(summary) {
  const scenarios = costScenarios(summary);
  const heights = scenarios.map(({ lines }) => TITLE_HEIGHT + lines.length * BAR_PITCH + PANEL_GAP);
  const panels = [];
  let top = HEADING_HEIGHT + MARGIN;
  for (let first = 0; first < scenarios.length; first += COLUMNS) {
    for (let column = 0; column < COLUMNS && first + column < scenarios.length; column += 1) {
      panels.push(panel(scenarios[first + column], MARGIN + column * (PANEL_WIDTH + GUTTER), top));
    }
    top += Math.max(...heights.slice(first, first + COLUMNS));
  }
  const heading =
    "Processor time of the server for each delivered frame, in microseconds (× naive). Shorter is better.";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" role="img">`,
    `<title>${escaped(heading)}</title>`,
    `<style>${STYLE}</style>`,
    text(MARGIN, MARGIN + 14, heading, "heading"),
    ...panels,
    "</svg>",
    "",
  ].join("\n");
}

/** @param {object} scenario @param {number} left @param {number} top */
function panel({ name, lines }, left, top) {
  const shown = lines.filter(({ figures }) => figures.usPerFrame !== undefined);
  const longest = Math.max(...shown.map(({ figures }) => figures.usPerFrame));
  const barsAt = left + NAME_WIDTH;
  const bars = shown.flatMap(({ peer, figures, ratios }, index) => {
    const barTop = top + TITLE_HEIGHT + index * BAR_PITCH;
    const width = Math.max(1, (figures.usPerFrame / longest) * BARS_WIDTH);
    const times = ratios.usPerFrame === undefined ? "" : ` (${ratios.usPerFrame.ratio.toFixed(2)})`;
    const kind = peer.startsWith("couchwire") ? "bar ours" : "bar";
    return [
      text(barsAt - 6, barTop + BAR_HEIGHT - 2, peer, peer === "couchwire" ? "title" : "", "end"),
      `<rect class="${kind}" x="${barsAt}" y="${barTop}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>`,
      text(Number((barsAt + width + 6).toFixed(1)), barTop + BAR_HEIGHT - 2, `${figures.usPerFrame}${times}`, "quiet"),
    ];
  });
  const axisTop = top + TITLE_HEIGHT - 4;
  const axisBottom = top + TITLE_HEIGHT + shown.length * BAR_PITCH - 2;
  return [
    text(left, top + 14, name, "title"),
    `<line class="axis" x1="${barsAt}" y1="${axisTop}" x2="${barsAt}" y2="${axisBottom}"/>`,
    ...bars,
  ].join("\n");
}

/** @param {number} x @param {number} y @param {string} content @param {string} kind @param {"start" | "end"} [anchor] */
function text(x, y, content, kind, anchor = "start") {
  const attributes = [kind === "" ? "" : ` class="${kind}"`, anchor === "start" ? "" : ` text-anchor="${anchor}"`];
  return `<text x="${x}" y="${y}"${attributes.join("")}>${escaped(content)}</text>`;
}

/** @param {string} content */
function escaped(content) {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
