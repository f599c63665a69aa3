import { element } from "../element.js";

/** The screen on which a secret is drawn. */
const COLORS = ["#221a3f", "#f0402c", "#ffc21a", "#27ae60", "#2f80ff", "#ff7fc0", "#a3643a"];
/** Upright as a phone is. Every phone hands in a picture of the same size. */
const SHAPE = "4:5";
const WIDTH = 640;

/** @param {object[]} [strokes] what is on the sheet already, as `<cw-draw>` has it */
export function createSheet(strokes = []) {
  return Object.assign(element("cw-draw", { ratio: SHAPE, colors: COLORS.join() }), { strokes });
}

/** The picture as the bytes of a PNG. */
export async function pictureOf(sheet) {
  const blob = await sheet.toBlob({ width: WIDTH });
  return new Uint8Array(await blob.arrayBuffer());
}

/** What the TV shows of a drawing before it is handed in: the colour of each stroke, as its place among the colours, and no shape. */
export function inkOf(strokes) {
  const from = strokes.map(({ clear }) => clear === true).lastIndexOf(true) + 1;
  return strokes
    .slice(from)
    .map(({ color }) => COLORS.indexOf(color))
    .filter((index) => index >= 0);
}

export function drawScreen({ prompt }, phone) {
  const sheet = createSheet();
  const done = element("button", { class: "button primary", text: "Done", onclick: () => void send() });

  const look = () => {
    done.disabled = sheet.isEmpty;
    phone.showInk(inkOf(sheet.strokes));
  };

  async function send() {
    done.disabled = true;
    done.textContent = "Sending…";
    phone.send(await pictureOf(sheet));
  }

  // The strokes are a secret, so they stay here; the sheet keeps them for a page that is loaded again.
  sheet.bind({ code: phone.seat.code, id: phone.seat.id, emit: look }, prompt);
  requestAnimationFrame(look); // by then the sheet has what it kept

  const secret = element(
    "header",
    { class: "secret" },
    element("p", {}, element("span", { class: "secret-label", text: "Draw" }), element("strong", { text: prompt })),
    phone.clock(),
  );
  const node = element("section", { class: "draw-screen" }, secret, sheet, done);
  // How many lines it takes depends on its words, and the sheet leaves it as many.
  new ResizeObserver(() => node.style.setProperty("--secret-height", `${secret.offsetHeight}px`)).observe(secret);

  return {
    element: node,
    mood: "draw",
    hasOwnHeader: true,
    /** Sends what is on the paper. An empty sheet is not sent. */
    timeUp() {
      if (sheet.isEmpty) return false;
      void send();
      return true;
    },
    /** What was sent may be lost. The sheet stays. */
    again() {
      done.textContent = "Done";
      look();
    },
  };
}
