/** How large phones are drawn so that all of them fit. */

export interface TileArea {
  readonly width: number;
  readonly height: number;
  /** Between two tiles. */
  readonly gap: number;
  /** What a tile has beside its screen. */
  readonly border: { readonly width: number; readonly height: number };
  readonly screen: { readonly width: number; readonly height: number };
  /** Below it nothing could be read; the area scrolls instead. */
  readonly minScale: number;
}

/** The largest scale at which so many tiles fit into the area, in rows of equal length. */
export function fittingScale(count: number, { width, height, gap, border, screen, minScale }: TileArea): number {
  let best = 0;
  for (let rows = 1; rows <= count; rows++) {
    const columns = Math.ceil(count / rows);
    const byWidth = (width - (columns - 1) * gap) / columns - border.width;
    const byHeight = (height - (rows - 1) * gap) / rows - border.height;
    best = Math.max(best, Math.min(byWidth / screen.width, byHeight / screen.height));
  }
  return Math.min(1, Math.max(minScale, best));
}
