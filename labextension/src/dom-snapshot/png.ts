import type { Frame } from './frame';

/** A picture as base64, with its size in pixels and by how much it was shrunk. */
export interface Png {
  readonly data: string;
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}

const PREFIX = 'data:image/png;base64,';
const SMALLER = 0.75;
const ATTEMPTS = 6;

/**
 * Paint an SVG as a picture of at most so many characters, shrinking it until it is.
 *
 * A browser loads and runs nothing that an SVG names when it paints it as an image. Rejects when it cannot be painted.
 */
export async function paint(
  svg: string,
  frame: Frame,
  background: string,
  maxChars: number
): Promise<Png> {
  const image = await loaded(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`);
  let { scale } = frame;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(frame.width * scale));
    canvas.height = Math.max(1, Math.round(frame.height * scale));
    const url = painted(canvas, image, background);
    if (url.length - PREFIX.length <= maxChars) {
      const { width, height } = canvas;
      return { data: url.slice(PREFIX.length), width, height, scale };
    }
    scale *= SMALLER;
  }
  throw new Error('The picture of the output is too large.');
}

function painted(canvas: HTMLCanvasElement, image: HTMLImageElement, background: string): string {
  const context = canvas.getContext('2d');
  if (context === null) {
    throw new Error('This browser cannot paint the output.');
  }
  context.fillStyle = background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png');
}

function loaded(url: string): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error('This browser cannot paint the output.'));
    image.src = url;
  });
}
