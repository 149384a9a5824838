import * as React from 'react';

import { useServices } from '../shared/services';

/** Markdown as it would be drawn, with nothing in it that fetches or runs. */
export function MarkdownPreview({ source }: { source: string }): JSX.Element {
  const services = useServices();
  const host = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    let isWanted = true;
    services.markdown(source).then(
      element => {
        if (isWanted && host.current !== null) {
          host.current.replaceChildren(element);
          services.typeset(element);
        }
      },
      () => undefined // The source is shown above.
    );
    return () => {
      isWanted = false;
    };
  }, [services, source]);
  return <div ref={host} />;
}
