import * as React from 'react';

import type { ShownConnection } from '../../view-model/connection';
import { Button } from '../shared/button';
import { useNow, useTrans } from '../shared/services';

export interface ConnectionProps {
  connection: ShownConnection;
}

/** The connection in one word, beside a dot that repeats it in colour. */
export function ConnectionState({ connection }: ConnectionProps): JSX.Element {
  const trans = useTrans();
  const words: Record<ShownConnection['type'], string> = {
    connecting: trans.__('Connecting'),
    live: trans.__('Live'),
    waiting: trans.__('Offline'),
    offline: trans.__('Offline'),
    signed_out: trans.__('Signed out'),
    closed: trans.__('Closed')
  };
  return (
    <span className={`jp-Copilot-connection jp-mod-${connection.type}`} role="status">
      <span className="jp-Copilot-dot" aria-hidden="true" />
      {words[connection.type]}
    </span>
  );
}

export interface ConnectionBarProps extends ConnectionProps {
  onReconnect: () => void;
  onSignIn: () => void;
}

/** What a lost connection means and what to do; nothing while it is live. */
export function ConnectionBar({
  connection,
  onReconnect,
  onSignIn
}: ConnectionBarProps): JSX.Element | null {
  const trans = useTrans();
  const isLost = connection.type === 'waiting' || connection.type === 'offline';
  const isConnecting = connection.type === 'connecting';
  const lasts = useLasting(isLost || isConnecting, BRIEF_MS, true);
  const takesLong = useLasting(isConnecting, LONG_MS, false);
  if (isLost && !lasts) {
    return null;
  }
  switch (connection.type) {
    case 'live':
      return null;
    case 'connecting':
      return takesLong ? (
        <Bar>
          {trans.__('Still connecting. Browsers hold connections back while a kernel starts.')}
        </Bar>
      ) : null;
    case 'waiting':
      return (
        <Bar>
          <Countdown until={connection.retryAt} />{' '}
          <Button className="jp-Copilot-link" onClick={onReconnect}>
            {trans.__('Reconnect now')}
          </Button>
          <br />
          {trans.__('What you send is kept here and delivered once.')}
        </Bar>
      );
    case 'offline':
      return (
        <Bar>{trans.__('You are offline. What you send is kept here and delivered once.')}</Bar>
      );
    case 'signed_out':
      return (
        <Bar>
          {trans.__('You are signed out; what you wrote is kept.')}{' '}
          <Button className="jp-Copilot-link" onClick={onSignIn}>
            {trans.__('Sign in')}
          </Button>
        </Bar>
      );
    case 'closed':
      return (
        <Bar>
          {connection.reason}{' '}
          <Button className="jp-Copilot-link" onClick={onReconnect}>
            {trans.__('Try again')}
          </Button>
        </Bar>
      );
  }
}

const BRIEF_MS = 1200;
const LONG_MS = 8000;

/** Whether something has been so for a while, or `fromTheFirst`: what passes at once moves nothing on the screen. */
function useLasting(isSo: boolean, ms: number, fromTheFirst: boolean): boolean {
  const [lasts, setLasts] = React.useState(isSo && fromTheFirst);
  React.useEffect(() => {
    if (!isSo) {
      setLasts(false);
      return;
    }
    const timer = setTimeout(() => setLasts(true), ms);
    return () => clearTimeout(timer);
  }, [isSo, ms]);
  return isSo && lasts;
}

function Bar({ children }: { children: React.ReactNode }): JSX.Element {
  return (
    <div className="jp-Copilot-bar" role="alert">
      <span>{children}</span>
    </div>
  );
}

/** Ticks in sight only: a screen reader would otherwise hear each second. */
function Countdown({ until }: { until: number }): JSX.Element {
  const trans = useTrans();
  const seconds = Math.max(0, Math.ceil((until - useNow(250)) / 1000));
  return (
    <>
      <span className="jp-Copilot-sr">
        {trans.__('The connection was lost; reconnecting soon.')}
      </span>
      <span aria-hidden="true">
        {seconds > 0 ? trans.__('Reconnecting in %1 s —', seconds) : trans.__('Reconnecting…')}
      </span>
    </>
  );
}
