import * as React from 'react';

import type { Participant } from '../../protocol';
import { ConnectionState } from './connection';
import type { ShownConnection } from '../../view-model/connection';
import { People } from '../people/people';

export interface HeaderProps {
  notebook: string;
  /** The notebook's whole path, for hovering. */
  path: string;
  connection: ShownConnection;
  participants: readonly Participant[];
  /** Who was here when that was last known. */
  latest: readonly Participant[];
  /** The thread picker. */
  children: React.ReactNode;
}

/** The head: which notebook, who is here, how the connection stands, which conversation. */
export function Header(props: HeaderProps): JSX.Element {
  return (
    <header className="jp-Copilot-header">
      <div className="jp-Copilot-row">
        <h2 className="jp-Copilot-notebook" title={props.path}>
          {props.notebook}
        </h2>
        <People participants={props.participants} latest={props.latest} />
      </div>
      <div className="jp-Copilot-row">
        <ConnectionState connection={props.connection} />
        <span className="jp-Copilot-grow" />
        {props.children}
      </div>
    </header>
  );
}
