import * as React from 'react';

const TYPING_MS = 4000;

export interface Typing {
  /** Something was typed; with false, all of it was taken back. */
  tick: (typing: boolean) => void;
  stop: () => void;
}

/** Says that somebody is typing when they begin, and that they stopped after a pause. */
export function useTyping(onTyping: (typing: boolean) => void): Typing {
  const timer = React.useRef<ReturnType<typeof setTimeout>>();
  const told = React.useRef(onTyping);
  told.current = onTyping;
  return React.useMemo(() => {
    const stop = () => {
      if (timer.current !== undefined) {
        clearTimeout(timer.current);
        timer.current = undefined;
        told.current(false);
      }
    };
    const tick = (typing: boolean) => {
      if (!typing) {
        stop();
        return;
      }
      if (timer.current === undefined) {
        told.current(true);
      }
      clearTimeout(timer.current);
      timer.current = setTimeout(stop, TYPING_MS);
    };
    return { tick, stop };
  }, []);
}
