// Where a floating box goes: below what it belongs to if there is room, above if not, and always within the page.

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const edge = 8;
const gap = 4;

/** @param isEndAligned its end lies at the end of the anchor, as for a button at the end of a line */
export function placeMenu(
  anchor: Box,
  size: Size,
  page: Size,
  isEndAligned: boolean,
): { x: number; y: number } {
  const wantedX = isEndAligned ? anchor.x + anchor.width - size.width : anchor.x;
  const below = anchor.y + anchor.height + gap;
  const above = anchor.y - gap - size.height;
  const fitsBelow = below + size.height + edge <= page.height;
  const within = (value: number, length: number, most: number) =>
    Math.max(edge, Math.min(value, most - length - edge));
  return {
    x: within(wantedX, size.width, page.width),
    y: within(fitsBelow || above < edge ? below : above, size.height, page.height),
  };
}
