/** Drawings of the controls: markup that stands here, never what came from elsewhere. */

const stroked = (path: string): string =>
  `<svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"><path d="${path}"/></svg>`;

export const ICONS = {
  up: stroked("M6 15l6-6 6 6"),
  down: stroked("M6 9l6 6 6-6"),
  left: stroked("M15 6l-6 6 6 6"),
  right: stroked("M9 6l6 6-6 6"),
  check: stroked("M5 13l4.500 4.500L19 7"),
  undo: stroked("M9 5L4 10l5 5M4 10h9.500a5.500 5.500 0 010 11H11"),
  clear: stroked("M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5"),
  rubber: stroked("M4 15l9-10 7 6-8 9H8zM9 10l7 6M6 20h14"),
  send: stroked("M12 19V5M6 11l6-6 6 6"),
  center: stroked("M12 3v4M12 17v4M3 12h4M17 12h4M12 12h.01"),
} as const;
