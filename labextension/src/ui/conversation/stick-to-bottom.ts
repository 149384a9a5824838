import * as React from 'react';

/** How near to the end a reader counts as being at it, in pixels. */
export const NEAR = 32;

export interface Extent {
  scrollTop: number;
  clientHeight: number;
  scrollHeight: number;
}

/** Whether the end of a scrolled element is in sight, or nearly. */
export function isAtEnd({ scrollTop, clientHeight, scrollHeight }: Extent): boolean {
  return scrollHeight - scrollTop - clientHeight <= NEAR;
}

export interface StickToBottom {
  /** The element that scrolls. */
  scroller: React.RefObject<HTMLDivElement>;
  /** The element within it that grows. */
  content: React.RefObject<HTMLDivElement>;
  /** Whether there is something new beyond what the reader sees. */
  hasNew: boolean;
  /** Goes to the end and stays there. */
  toEnd: () => void;
}

/**
 * Keeps the end in sight while the reader is there, and never moves what a reader reads elsewhere.
 *
 * `room` names what is shown: another one starts at its end, and one that is empty at its beginning.
 */
export function useStickToBottom(room: string, isEmpty: boolean): StickToBottom {
  const scroller = React.useRef<HTMLDivElement>(null);
  const content = React.useRef<HTMLDivElement>(null);
  const following = React.useRef(true);
  const lastTop = React.useRef(0);
  const [hasNew, setHasNew] = React.useState(false);

  const toEnd = React.useCallback(() => {
    following.current = true;
    setHasNew(false);
    const element = scroller.current;
    if (element) {
      element.scrollTop = isEmpty ? 0 : element.scrollHeight;
      lastTop.current = element.scrollTop;
    }
  }, [isEmpty]);

  React.useLayoutEffect(toEnd, [room, toEnd]);

  React.useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (!element || !inner) {
      return;
    }
    let height = inner.offsetHeight;
    const grown = new ResizeObserver(() => {
      const taller = inner.offsetHeight > height;
      height = inner.offsetHeight;
      if (following.current) {
        toEnd();
      } else if (taller && !isAtEnd(element)) {
        setHasNew(true);
      }
    });
    grown.observe(inner);
    grown.observe(element);
    // An event tells of a scroll in the frame before, and content may have grown since: only who goes up, leaves.
    const onScroll = () => {
      const wentUp = element.scrollTop < lastTop.current;
      lastTop.current = element.scrollTop;
      if (isAtEnd(element)) {
        following.current = true;
        setHasNew(false);
      } else if (wentUp) {
        following.current = false;
      }
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      grown.disconnect();
      element.removeEventListener('scroll', onScroll);
    };
  }, [toEnd]);

  return { scroller, content, hasNew, toEnd };
}
