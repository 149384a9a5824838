import * as React from 'react';

import { shownTexts } from '../../core/permissions/by-itself';
import type { Call } from '../../protocol';
import { Diff } from '../calls/diff';
import { Button } from '../shared/button';
import { Code } from '../shared/code';
import { useTrans } from '../shared/services';
import { HazardNote } from '../shared/visible';
import type { Seen } from './use-seen';

/**
 * What a call will do, in one place that scrolls: nothing in it is folded that will run, and it says by itself whether
 * there is more of it than can be seen.
 */
export function Effect({ call, seen }: { call: Call; seen: Seen }): JSX.Element | null {
  const trans = useTrans();
  if (!hasEffect(call)) {
    return null;
  }
  return (
    <>
      <HazardNote sources={shownTexts(call)} />
      <div
        ref={seen.ref}
        className={`jp-Copilot-effect${seen.whole ? ' jp-mod-whole' : ''}`}
        onScroll={seen.onScroll}
        tabIndex={0}
        role="group"
        aria-label={trans.__('What will happen')}
      >
        <div>
          <Shown call={call} />
        </div>
      </div>
      {!seen.all && (
        <div className="jp-Copilot-unseen" role="status">
          {trans.__('There is more. Scroll to the end before you approve.')}{' '}
          <Button className="jp-Copilot-link" onClick={seen.showWhole}>
            {trans.__('Show all of it')}
          </Button>
        </div>
      )}
    </>
  );
}

/** Changes, code, or the arguments where nothing says it better. */
function Shown({ call }: { call: Call }): JSX.Element {
  const { preview, args } = call;
  if (preview.cells.length > 0) {
    return <Diff cells={preview.cells} whole={call.effect === 'execute'} />;
  }
  return preview.code === null ? (
    <Code code={JSON.stringify(args, null, 2)} language="json" />
  ) : (
    <Code code={preview.code} language={preview.language} />
  );
}

/** Whether there is more to see of what a call does than its title. */
export function hasEffect({ preview, args }: Call): boolean {
  return preview.cells.length > 0 || preview.code !== null || Object.keys(args).length > 0;
}
