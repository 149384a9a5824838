import * as React from 'react';

import { useServices } from './services';

export interface CodeProps {
  code: string;
  language: string;
}

/** Highlighted code that is read, not edited. */
export function Code({ code, language }: CodeProps): JSX.Element {
  const services = useServices();
  const host = React.useRef<HTMLPreElement>(null);
  React.useEffect(() => {
    const target = document.createElement('pre');
    let current = true;
    services.highlight(code, language, target).then(
      () => current && host.current?.replaceChildren(...target.childNodes),
      () => current && host.current && (host.current.textContent = code)
    );
    return () => {
      current = false;
    };
  }, [code, language, services]);
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
