const CONTAINED = /^data:image\//i;

/**
 * What an image or a canvas shows, as a data URL; null when it is not loaded, or when its pixels are another site's,
 * which a browser gives away to no page. Nothing is loaded.
 */
export function pixelsOf(element: HTMLImageElement | HTMLCanvasElement): string | null {
  if (element instanceof HTMLCanvasElement) {
    return dataUrlOf(element);
  }
  if (CONTAINED.test(element.src)) {
    return element.src;
  }
  const canvas = document.createElement('canvas');
  canvas.width = element.naturalWidth;
  canvas.height = element.naturalHeight;
  const context = element.complete && canvas.width > 0 ? canvas.getContext('2d') : null;
  context?.drawImage(element, 0, 0);
  return context === null ? null : dataUrlOf(canvas);
}

function dataUrlOf(canvas: HTMLCanvasElement): string | null {
  try {
    return canvas.toDataURL();
  } catch {
    return null; // It holds pixels of another site.
  }
}
