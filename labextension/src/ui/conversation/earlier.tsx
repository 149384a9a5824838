import * as React from 'react';

import { Boundary } from '../shared/boundary';
import { Button } from '../shared/button';
import { useTrans } from '../shared/services';
import { before } from '../../view-model/conversation/earlier';
import type { Row } from '../../view-model/conversation/timeline';

/** How many rows more are drawn at each step upwards. */
const STEP = 60;

export interface EarlierProps {
  /** How many entries left the state. */
  dropped: number;
  /** The chat from its beginning; none until it was fetched. */
  history: readonly Row[];
  /** What is shown below. */
  shown: readonly Row[];
  scroller: React.RefObject<HTMLElement>;
  onFetch: () => Promise<void>;
  draw: (row: Row) => React.ReactNode;
}

/** What left the state, above what is there: drawn step by step, for those who read on upwards. */
export function Earlier(props: EarlierProps): JSX.Element {
  const { dropped, history, shown, scroller, onFetch, draw } = props;
  const trans = useTrans();
  const [count, setCount] = React.useState(0);
  const [busy, setBusy] = React.useState(false);
  const rows = React.useMemo(
    () => (count === 0 ? [] : before(history, shown)),
    [count, history, shown]
  );
  const drawn = rows.slice(Math.max(0, rows.length - count));
  // What is read stays where it is while more comes above it.
  const height = React.useRef(0);
  React.useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && height.current > 0) {
      element.scrollTop += element.scrollHeight - height.current;
      height.current = 0;
    }
  }, [drawn.length, scroller]);
  const more = () => {
    const reveal = () => {
      height.current = scroller.current?.scrollHeight ?? 0;
      setCount(count + STEP);
    };
    if (history.length > 0) {
      reveal();
    } else {
      setBusy(true);
      void onFetch().then(() => {
        setBusy(false);
        reveal();
      });
    }
  };
  const isWhole = count > 0 && history.length > 0 && drawn.length === rows.length;
  return (
    <>
      <div className="jp-Copilot-aside">
        {isWhole ? (
          trans.__('The beginning of this chat')
        ) : (
          <Button className="jp-Copilot-link" disabled={busy} onClick={more}>
            {busy
              ? trans.__('Loading…')
              : count === 0
                ? trans._n('Show %1 earlier entry', 'Show %1 earlier entries', dropped)
                : trans.__('Show more')}
          </Button>
        )}
      </div>
      {drawn.map(row => (
        <Boundary key={row.key}>{draw(row)}</Boundary>
      ))}
    </>
  );
}
