/** At most so large, in CSS pixels. */
export interface Bounds {
  readonly width: number;
  readonly height: number;
}

/** What of an element fits into a picture, in CSS pixels, and by how much it is shrunk there. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  /** Whether the element goes on beyond the frame. */
  readonly cut: boolean;
}

/** Below this, text cannot be read. */
const LEAST_SCALE = 0.5;

/** Shrink what is too wide, as far as it stays legible, and cut off what is too long. */
export function frameFor(size: Bounds, bounds: Bounds): Frame {
  const scale = Math.min(1, Math.max(bounds.width / size.width, LEAST_SCALE));
  const width = Math.min(size.width, bounds.width / scale);
  const height = Math.min(size.height, bounds.height / scale);
  return { width, height, scale, cut: width < size.width || height < size.height };
}
