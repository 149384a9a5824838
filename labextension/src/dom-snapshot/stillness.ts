/**
 * Resolves once nothing in an element has changed for `stillMs` and its images are loaded, or after `patienceMs`.
 *
 * It counts on timers rather than on frames, which a page in the background has none of.
 */
export function stillness(
  element: HTMLElement,
  stillMs: number,
  patienceMs: number
): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      observer.disconnect();
      clearTimeout(quiet);
      clearTimeout(patience);
      resolve();
    };
    const look = () => (isLoaded(element) ? end() : wait());
    const wait = () => {
      clearTimeout(quiet);
      quiet = setTimeout(look, stillMs);
    };
    const observer = new MutationObserver(wait);
    const patience = setTimeout(end, patienceMs);
    let quiet = setTimeout(look, stillMs);
    observer.observe(element, {
      childList: true,
      subtree: true,
      attributes: true,
      characterData: true
    });
  });
}

function isLoaded(element: HTMLElement): boolean {
  return [...element.querySelectorAll('img')].every(image => image.complete);
}
