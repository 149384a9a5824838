import * as React from 'react';

import { Button } from '../shared/button';
import { useServices } from '../shared/services';
import { acceptKeys, AcceptButton } from './proposal';

export interface ReviewBarProps {
  total: number;
  /** Which change was visited last, counted from 1; 0 before the first one. */
  position: number;
  /** Who asked for all of them; null where several did. */
  requester: string | null;
  /** Whether some of the decisions are made or marked already. */
  isRest: boolean;
  /** How many changes were not yet in sight. */
  unseen: number;
  /** How many changes are accepted by themselves only. */
  alone: number;
  canDecide: boolean;
  sending: boolean;
  onPrevious: () => void;
  onNext: () => void;
  onRejectAll: () => void;
  onAcceptAll: () => void;
}

/** All changes of a notebook that wait, in one line over it. */
export function ReviewBar(props: ReviewBarProps): JSX.Element {
  const { total, position, requester, isRest, unseen, alone, canDecide, sending } = props;
  const { Icon, trans } = useServices();
  const [hint, setHint] = React.useState('');
  const root = React.useRef<HTMLDivElement>(null);
  return (
    <div
      ref={root}
      className="jp-Copilot-reviewBarBox"
      role="toolbar"
      aria-label={trans._n('%1 change to review', '%1 changes to review', total)}
      onKeyDown={event => moveFocus(event, root.current)}
    >
      <span className="jp-Copilot-barMark" aria-hidden="true">
        <Icon name="copilot" />
      </span>
      <span className="jp-Copilot-barText">
        <b>{trans._n('%1 change', '%1 changes', total)}</b>
        {requester !== null && (
          <span className="jp-Copilot-barBy"> · {trans.__('requested by %1', requester)}</span>
        )}
      </span>
      <span className="jp-Copilot-barSteps">
        <Step label={trans.__('Previous change')} sign="↑" onClick={props.onPrevious} />
        <span className="jp-Copilot-barPosition">
          {trans.__('%1 of %2', position || '–', total)}
        </span>
        <Step label={trans.__('Next change')} sign="↓" onClick={props.onNext} />
      </span>
      {canDecide && alone > 0 && (
        <span className="jp-Copilot-proposalHint">
          {trans._n('Accept %1 by itself', 'Accept %1 by themselves', alone)}
        </span>
      )}
      {hint !== '' && (
        <span role="status" className="jp-Copilot-proposalHint">
          {hint}
        </span>
      )}
      {canDecide && (
        <>
          <Button className="jp-Copilot-act" disabled={sending} onClick={props.onRejectAll}>
            {isRest ? trans.__('Reject the rest') : trans.__('Reject all')}
          </Button>
          {alone < total && (
            <AcceptButton
              label={
                alone > 0
                  ? trans.__('Accept the others')
                  : isRest
                    ? trans.__('Accept the rest')
                    : trans.__('Accept all')
              }
              sending={sending}
              disabled={false}
              onAccept={() => {
                setHint(
                  unseen > 0 ? trans._n('%1 is not seen yet', '%1 are not seen yet', unseen) : ''
                );
                props.onAcceptAll();
              }}
              onBareKey={() => setHint(trans.__('Press %1 to choose this', acceptKeys()))}
            />
          )}
        </>
      )}
    </div>
  );
}

function Step(props: { label: string; sign: string; onClick: () => void }): JSX.Element {
  return (
    <Button className="jp-Copilot-act jp-mod-icon" label={props.label} onClick={props.onClick}>
      <span aria-hidden="true">{props.sign}</span>
    </Button>
  );
}

/** The arrow keys go from button to button, as in every toolbar. */
function moveFocus(event: React.KeyboardEvent, root: HTMLElement | null): void {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const buttons = [...(root?.querySelectorAll<HTMLButtonElement>('button:enabled') ?? [])];
  const index = buttons.indexOf(document.activeElement as HTMLButtonElement);
  if (step !== undefined && index >= 0) {
    event.preventDefault();
    buttons[(index + step + buttons.length) % buttons.length]?.focus();
  }
}
