/**
 * `?streamer` in the TV's address hides the code and the QR codes from a stream until a person asks for them. The button in the corner writes it there, so
 * a page that is loaded again knows it.
 */
const NAME = "streamer";

export const isStreamer = () => new URLSearchParams(location.search).has(NAME);

/** @param {() => void} changed */
export function connectStreamer(changed) {
  const corner = document.querySelector("#streamer");
  const show = () => corner.setAttribute("aria-pressed", String(isStreamer()));
  show();
  corner.addEventListener("click", () => {
    const url = new URL(location.href);
    if (isStreamer()) url.searchParams.delete(NAME);
    else url.searchParams.set(NAME, "");
    history.replaceState(history.state, "", url);
    for (const qr of document.querySelectorAll("cw-qr")) qr.toggleAttribute(NAME, isStreamer());
    show();
    changed();
  });
}
