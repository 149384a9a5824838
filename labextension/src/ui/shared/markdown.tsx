import * as React from 'react';

import { addCodeActions } from './code-actions';
import { linkCells } from './linked-text';
import { grownBlocks, NO_BLOCKS } from '../../view-model/markdown-blocks';
import { type Services, useServices } from './services';

export interface MarkdownProps {
  text: string;
  /** Whether the text still grows: a caret marks its end. */
  streaming?: boolean;
}

/** Untrusted Markdown. While it grows only its last block is rendered again, at most once per frame. */
export const Markdown = React.memo(function Markdown({
  text,
  streaming = false
}: MarkdownProps): JSX.Element {
  const shown = useOncePerFrame(text);
  const before = React.useRef(NO_BLOCKS);
  const { blocks } = React.useMemo(() => {
    before.current = grownBlocks(before.current, shown);
    return before.current;
  }, [shown]);
  return (
    <div className={`jp-Copilot-markdown${streaming ? ' jp-mod-streaming' : ''}`} dir="auto">
      {blocks.map((block, index) => (
        <Block key={index} source={block} grows={streaming && index === blocks.length - 1} />
      ))}
    </div>
  );
});

/** One block. The rendered element takes the place of the one before when it is ready, so that nothing flickers. */
const Block = React.memo(function Block(props: { source: string; grows: boolean }): JSX.Element {
  const { source, grows } = props;
  const services = useServices();
  const host = React.useRef<HTMLDivElement>(null);
  const latest = React.useRef(0);
  const drawn = React.useRef<string | null>(null);
  React.useLayoutEffect(() => {
    if (drawn.current === source) {
      return; // it only ceased to grow
    }
    const turn = ++latest.current;
    const put = (element: HTMLElement | null) => {
      if (host.current && turn === latest.current) {
        drawn.current = source;
        host.current.replaceChildren(element?.hasChildNodes() ? element : source);
        if (element) {
          services.typeset(element);
        }
      }
    };
    const kept = services.markdownAtOnce?.(source) ?? null;
    if (kept !== null) {
      put(finish(kept, services));
      return;
    }
    services.markdown(source, !grows).then(
      element => put(finish(element, services)),
      () => put(null)
    );
  }, [source, grows, services]);
  return <div className="jp-Copilot-block" ref={host} />;
});

function finish(element: HTMLElement, services: Services): HTMLElement {
  addCodeActions(element, services);
  linkCells(
    element,
    number => services.goToCell({ number }),
    services.trans.__('Go to this cell'),
    number => services.pointAtCell?.(number === null ? null : { number })
  );
  return element;
}

/** The value, following its changes at most once per animation frame. */
function useOncePerFrame(value: string): string {
  const [shown, setShown] = React.useState(value);
  const latest = React.useRef(value);
  latest.current = value;
  const frame = React.useRef(0);
  React.useEffect(() => {
    if (frame.current === 0 && value !== shown) {
      frame.current = requestAnimationFrame(() => {
        frame.current = 0;
        setShown(latest.current);
      });
    }
  }, [value, shown]);
  React.useEffect(() => () => cancelAnimationFrame(frame.current), []);
  return shown;
}
