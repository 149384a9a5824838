import * as React from 'react';

import type { ServerTool, ServerWish, ToolServer } from '../../view-model/tool-servers';
import { Button } from '../shared/button';
import { Page, useAnswer } from '../shared/page';
import { useServices } from '../shared/services';

const EVERY_MS = 3000;

export interface ServersPageProps {
  /** The servers, after a wish was done if there is one. */
  ask: (wish?: ServerWish) => Promise<readonly ToolServer[]>;
  /** Back to the conversation. */
  onClose: () => void;
}

/** The servers whose tools the copilot has: how they are, what they offer, who trusts it. */
export default function ServersPage({ ask, onClose }: ServersPageProps): JSX.Element {
  const { trans } = useServices();
  const { answer: servers, problem, ask: wait } = useAnswer<readonly ToolServer[]>();
  const wish = (wished?: ServerWish) => void wait(ask(wished));
  const latest = React.useRef(wish);
  latest.current = wish;
  React.useEffect(() => {
    latest.current();
    const timer = setInterval(() => latest.current(), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <Page title={trans.__('Tool servers')} problem={problem} onClose={onClose}>
      <p>
        {trans.__(
          'The copilot can use tools of these servers. People decide on each use, unless somebody trusts the tool to only read.'
        )}
      </p>
      {servers?.length === 0 && (
        <p>
          {trans.__('None are set up. An administrator lists them in c.CopilotApp.mcp_servers.')}
        </p>
      )}
      <ul className="jp-Copilot-modelsList" aria-label={trans.__('Tool servers')}>
        {servers?.map(server => (
          <Server key={server.name} server={server} onWish={wish} />
        ))}
      </ul>
    </Page>
  );
}

interface ServerProps {
  server: ToolServer;
  onWish: (wish: ServerWish) => void;
}

function Server({ server, onWish }: ServerProps): JSX.Element {
  const { trans } = useServices();
  const { name, problem, state, tools } = server;
  const states = {
    connecting: trans.__('Connecting…'),
    ready: trans._n('Connected, %1 tool', 'Connected, %1 tools', tools.length),
    failed: trans.__('Not connected'),
    stopped: trans.__('Stopped')
  };
  return (
    <li>
      <strong>{name}</strong>
      <span>{states[state]}</span>
      {state !== 'ready' && problem && <span className="jp-Copilot-modelsMeans">{problem}</span>}
      {state === 'ready' && tools.length > 0 && (
        <details>
          <summary>{trans.__('Tools')}</summary>
          {tools.map(tool => (
            <Tool
              key={tool.name}
              tool={tool}
              onTrust={trusted =>
                onWish({ type: 'trust', server: name, tool: tool.name, pin: tool.pin, trusted })
              }
            />
          ))}
        </details>
      )}
      {server.log && (
        <details>
          <summary>{trans.__('Log')}</summary>
          <pre className="jp-Copilot-lines" tabIndex={0}>
            {server.log}
          </pre>
        </details>
      )}
      <span className="jp-Copilot-row">
        <Button
          className="jp-Copilot-button jp-mod-line"
          aria-label={trans.__('Reconnect %1', name)}
          onClick={() => onWish({ type: 'reconnect', server: name })}
        >
          {trans.__('Reconnect')}
        </Button>
      </span>
    </li>
  );
}

function Tool(props: { tool: ServerTool; onTrust: (trusted: boolean) => void }): JSX.Element {
  const { trans } = useServices();
  const { changed, description, says_read_only, title, trusted } = props.tool;
  return (
    <div className="jp-Copilot-serverTool">
      <label>
        <input
          type="checkbox"
          checked={trusted}
          onChange={event => props.onTrust(event.target.checked)}
        />
        {trans.__('Trust %1 to only read', title)}
      </label>
      <span className="jp-Copilot-modelsMeans">{description}</span>
      {changed && (
        <span className="jp-Copilot-modelsMeans">
          {trans.__('It describes itself differently than when it was first seen.')}
        </span>
      )}
      {says_read_only && !trusted && (
        <span className="jp-Copilot-modelsMeans">{trans.__('It says that it only reads.')}</span>
      )}
    </div>
  );
}
