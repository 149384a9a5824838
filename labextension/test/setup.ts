import { configure } from '@testing-library/dom';

// A test ends as soon as what it waits for is there; a busy machine takes its time.
configure({ asyncUtilTimeout: 20_000 * Number(process.env.COPILOT_SLOWNESS ?? 1) });

/** What JupyterLab's modules expect of a browser as they load, and jsdom lacks. */
class NothingObserved {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
  takeRecords(): [] {
    return [];
  }
}

function noMedia(media: string) {
  return { media, matches: false, onchange: null, addListener() {}, removeListener() {} };
}

if (typeof window !== 'undefined') {
  window.DragEvent ??= class extends MouseEvent {} as typeof DragEvent;
  window.matchMedia ??= query => Object.assign(new EventTarget(), noMedia(query));
  window.ResizeObserver ??= NothingObserved;
  window.IntersectionObserver ??= NothingObserved as unknown as typeof IntersectionObserver;
}
