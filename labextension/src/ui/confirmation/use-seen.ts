import * as React from 'react';

/** Whether all of something that scrolls could be seen by who decides. */
export interface Seen {
  /** For the element that scrolls. */
  ref: React.RefObject<HTMLDivElement>;
  /** Whether it is short, was scrolled to its end, or is shown in full. */
  all: boolean;
  /** Whether it is shown in full, however long it is. */
  whole: boolean;
  showWhole: () => void;
  onScroll: () => void;
}

/** Pixels that the end may be off by, because browsers round what they scroll. */
const SLACK = 2;

/**
 * Follows how much of an element could be seen. `content` names what is in it: other content has to be seen anew, and
 * null has nothing to be seen.
 */
export function useSeen(content: string | null): Seen {
  const ref = React.useRef<HTMLDivElement>(null);
  const [fits, setFits] = React.useState(false);
  const [ended, setEnded] = React.useState<string | null>('');
  const [whole, setWhole] = React.useState<string | null>('');
  const measure = React.useCallback(() => {
    const element = ref.current;
    if (element !== null) {
      const rest = element.scrollHeight - element.clientHeight;
      setFits(rest <= SLACK);
      if (rest > SLACK && element.scrollTop >= rest - SLACK) {
        setEnded(content);
      }
    }
  }, [content]);
  React.useLayoutEffect(() => {
    measure();
    const element = ref.current;
    if (element === null) {
      return;
    }
    // What is inside grows without a change of the element's own size.
    const observer = new ResizeObserver(measure);
    [element, ...element.children].forEach(each => observer.observe(each));
    return () => observer.disconnect();
  });
  return {
    ref,
    all: content === null || fits || ended === content || whole === content,
    whole: whole === content,
    showWhole: () => {
      setWhole(content);
      // From its beginning: who asked to see all of it has not seen its middle.
      requestAnimationFrame(() => ref.current?.scrollIntoView({ block: 'start' }));
    },
    onScroll: measure
  };
}
