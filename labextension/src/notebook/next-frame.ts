/** A function that has `draw` called in the next frame: once, however much changes until then. */
export function inNextFrame(draw: () => void): () => void {
  let isDue = false;
  return () => {
    if (!isDue) {
      isDue = true;
      requestAnimationFrame(() => {
        isDue = false;
        draw();
      });
    }
  };
}
