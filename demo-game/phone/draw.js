import { drawing, element } from "../element.js";
import { countdown } from "./countdown.js";
import { createPad } from "./pad.js";
import { loadStrokes, saveStrokes } from "./strokes.js";

/** The screen on which a secret is drawn. */
const COLORS = [
  ["Ink", "#221a3f"],
  ["Red", "#f0402c"],
  ["Yellow", "#ffc21a"],
  ["Green", "#27ae60"],
  ["Blue", "#2f80ff"],
  ["Pink", "#ff7fc0"],
  ["Brown", "#a3643a"],
];
const SIZES = [
  ["Fine pen", 5],
  ["Pen", 12],
  ["Brush", 30],
];
const RUBBER = "#ffffff";
const RUBBER_SIZE = 48;

/** What the TV shows of a drawing before it is handed in: the colour of each stroke, as its place among the colours, and no shape. */
export function inkOf(strokes) {
  const visible = strokes.slice(strokes.lastIndexOf("clear") + 1);
  return visible.map(({ color }) => COLORS.findIndex(([, value]) => value === color)).filter((index) => index >= 0);
}

const icon = (path) =>
  drawing(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" aria-hidden="true"><path d="${path}" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>`,
  );

export function drawScreen(message, phone) {
  const pad = createPad(loadStrokes(message.prompt));
  const clock = countdown(message.seconds);
  let color = COLORS[0][1];
  let size = SIZES[1][1];
  let isRubber = false;

  const colors = COLORS.map(([name, value]) => {
    const swatch = element("button", {
      class: "swatch",
      "aria-label": name,
      onclick: () => choose({ color: value, isRubber: false }),
    });
    swatch.style.setProperty("--color", value);
    return [swatch, value];
  });
  const sizes = SIZES.map(([name, value]) => {
    const tool = element("button", {
      class: "tool",
      "aria-label": name,
      onclick: () => choose({ size: value, isRubber: false }),
    });
    const dot = element("span", { class: "dot" });
    dot.style.setProperty("--dot", `${6 + value * 0.7}px`);
    tool.append(dot);
    return [tool, value];
  });
  const rubber = element(
    "button",
    { class: "tool", "aria-label": "Rubber", onclick: () => choose({ isRubber: !isRubber }) },
    icon("M4 15L13 5L20 11L12 20H8ZM9 10L16 16M6 20H20"),
  );
  const undo = element(
    "button",
    { class: "tool", "aria-label": "Undo", onclick: () => pad.undo() },
    icon("M9 5L4 10L9 15M4 10H14C22 10 22 20 14 20H10"),
  );
  const clear = element(
    "button",
    { class: "tool", "aria-label": "Clear", onclick: () => pad.clear() },
    icon("M4 7H20M9 7V4H15V7M6 7L7.500 20H16.500L18 7M10 11V16M14 11V16"),
  );
  const done = element("button", { class: "button primary", text: "Done", onclick: () => void send() });

  function choose(change) {
    ({ color = color, size = size, isRubber = isRubber } = { color, size, isRubber, ...change });
    pad.color = isRubber ? RUBBER : color;
    pad.size = isRubber ? RUBBER_SIZE : size;
    for (const [swatch, value] of colors) swatch.setAttribute("aria-pressed", String(!isRubber && value === color));
    for (const [tool, value] of sizes) tool.setAttribute("aria-pressed", String(!isRubber && value === size));
    rubber.setAttribute("aria-pressed", String(isRubber));
  }

  async function send() {
    done.disabled = true;
    done.textContent = "Sending…";
    phone.send(await pad.bytes());
  }

  const lookAtPad = () => {
    done.disabled = pad.isBlank;
    undo.disabled = !pad.canUndo;
    clear.disabled = pad.isBlank;
    saveStrokes(message.prompt, pad.strokes);
    phone.showInk(inkOf(pad.strokes));
  };
  pad.onChange(lookAtPad);
  lookAtPad();
  choose({});

  const node = element(
    "section",
    { class: "draw-screen" },
    element(
      "header",
      { class: "secret" },
      element(
        "p",
        {},
        element("span", { class: "secret-label", text: "Draw" }),
        element("strong", { text: message.prompt }),
      ),
      clock.element,
    ),
    element("div", { class: "pad-frame" }, pad.element),
    element("div", { class: "swatches", role: "group", "aria-label": "Colour" }, ...colors.map(([swatch]) => swatch)),
    element(
      "div",
      { class: "tools", role: "group", "aria-label": "Tools" },
      ...sizes.map(([tool]) => tool),
      rubber,
      undo,
      clear,
    ),
    done,
  );

  return {
    element: node,
    mood: "draw",
    hasOwnHeader: true,
    /** Sends what is on the paper. An empty sheet is not sent. */
    timeUp() {
      if (pad.isBlank) return false;
      void send();
      return true;
    },
    update: clock.update,
    close: clock.close,
  };
}
