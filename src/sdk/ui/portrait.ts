/** A player's character in a ring of the player's colour, and the name beside it. */
import { picture } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import { avatarSvg } from "./avatars.ts";

export const PORTRAIT_STYLES = css`
  .portrait {
    display: block;
    flex: none;
    width: 2em;
    height: 2em;
    padding: 0.12em;
    border-radius: 50%;
    background: var(--color, var(--line));
  }
  bdi {
    display: inline-block;
    max-width: 100%;
    overflow: hidden;
    font-weight: 800;
    text-overflow: ellipsis;
    white-space: nowrap;
    vertical-align: top;
  }
  .is-away .portrait {
    filter: grayscale(1);
    opacity: 0.55;
  }
  .portrait svg {
    display: block;
    width: 100%;
    height: 100%;
  }
`;

export function portrait(avatar: number, color?: string): HTMLSpanElement {
  const drawn = picture(avatarSvg(avatar), "portrait");
  if (color !== undefined) drawn.style.setProperty("--color", color);
  return drawn;
}
