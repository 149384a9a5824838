import * as React from 'react';

import { Button } from '../shared/button';
import { useServices } from '../shared/services';

export interface SendButtonsProps {
  /** Whether nothing is written yet. */
  isEmpty: boolean;
  /** Why nothing can be sent, in a sentence; null when it can. */
  barred: string | null;
  onSend: () => void;
  /** Asks after the answer that is being given; absent when none is. */
  onQueue?: () => void;
  /** Stops the run that is active; absent when none is. */
  onStop?: () => void;
}

/** Send, or stop where nothing is written; what is sent while an agent works reaches it now, or is queued. */
export function SendButtons(props: SendButtonsProps): JSX.Element {
  const { isEmpty, barred, onSend, onQueue, onStop } = props;
  const { Icon, trans } = useServices();
  if (onStop && isEmpty) {
    return (
      <Button
        className="jp-Copilot-send jp-mod-stop"
        label={trans.__('Stop the copilot')}
        onClick={onStop}
      >
        <Icon name="stop" />
      </Button>
    );
  }
  return (
    <>
      {onQueue && !isEmpty && (
        <Button
          className="jp-Copilot-link"
          title={trans.__('It is answered after this answer')}
          disabled={barred !== null}
          onClick={onQueue}
        >
          {trans.__('Queue')}
        </Button>
      )}
      <Button
        className="jp-Copilot-send"
        title={
          barred ??
          (onQueue ? trans.__('Send: the copilot gets it with its next step') : trans.__('Send'))
        }
        aria-label={trans.__('Send')}
        disabled={isEmpty || barred !== null}
        onClick={onSend}
      >
        <Icon name="send" />
      </Button>
    </>
  );
}
