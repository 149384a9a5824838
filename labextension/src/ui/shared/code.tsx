import * as React from 'react';

import { visibleText } from '../../core/visible-text';
import { useServices } from './services';
import { setApart } from './visible';

export interface CodeProps {
  code: string;
  language: string;
}

/** Highlighted code that is read, not edited: all of it, wrapped, with whatever hides in it written out. */
export function Code({ code, language }: CodeProps): JSX.Element {
  const services = useServices();
  const host = React.useRef<HTMLPreElement>(null);
  const shown = React.useMemo(() => visibleText(code).text, [code]);
  // At once without colours, so that its height is known; nothing is missing while they come, or if they do not.
  React.useLayoutEffect(() => {
    if (host.current) {
      host.current.textContent = shown;
      setApart(host.current);
    }
  }, [shown]);
  React.useEffect(() => {
    const target = document.createElement('pre');
    let current = true;
    const draw = () => {
      if (current && target.textContent === shown) {
        setApart(target);
        host.current?.replaceChildren(...target.childNodes);
      }
    };
    services.highlight(shown, language, target).then(draw, () => undefined);
    return () => {
      current = false;
    };
  }, [shown, language, services]);
  return (
    <pre
      ref={host}
      className="jp-Copilot-codeView cm-s-jupyter"
      tabIndex={0}
      role="group"
      aria-label={services.trans.__('Code')}
      dir="ltr"
    />
  );
}
