import * as React from 'react';

const MAX_HEIGHT_PX = 240;

/** Lets the field grow with its text. */
export function useAutosize(field: React.RefObject<HTMLTextAreaElement>, text: string): void {
  React.useLayoutEffect(() => {
    const element = field.current;
    if (element) {
      element.style.height = 'auto';
      element.style.height = `${Math.min(element.scrollHeight, MAX_HEIGHT_PX)}px`;
    }
  }, [field, text]);
}
