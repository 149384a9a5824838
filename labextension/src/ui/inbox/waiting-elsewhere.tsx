import * as React from 'react';

import { type InboxItem, notebookName } from '../../view-model/told/inbox';
import { Button } from '../shared/button';
import { useServices } from '../shared/services';

export interface WaitingElsewhereProps {
  /** What concerns this person in other notebooks, oldest first. */
  concerning: readonly InboxItem[];
  /** All that waits on the server and that they may see. */
  all: readonly InboxItem[];
  onGo: (item: InboxItem) => void;
}

/** A bar that says what waits in other notebooks, and unfolds to all that waits on this server. */
export default function WaitingElsewhere(props: WaitingElsewhereProps): JSX.Element | null {
  const { concerning, all, onGo } = props;
  const { trans } = useServices();
  const [isOpen, setOpen] = React.useState(false);
  const id = React.useId();
  const [first] = concerning;
  if (first === undefined) {
    return null;
  }
  return (
    <div className="jp-Copilot-elsewhere">
      <div className="jp-Copilot-bar jp-Copilot-row" role="status">
        <Button
          className="jp-Copilot-link jp-Copilot-grow"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setOpen(!isOpen)}
        >
          {summary(concerning, trans)}
        </Button>
        <Button className="jp-Copilot-button" onClick={() => onGo(first)}>
          {trans.__('Go there')}
        </Button>
      </div>
      {isOpen && (
        <ul id={id} className="jp-Copilot-inbox" aria-label={trans.__('Waiting on this server')}>
          {all.map(item => (
            <li key={`${item.path} ${item.about}`}>
              <Button className="jp-Copilot-inboxItem" onClick={() => onGo(item)}>
                <span className="jp-Copilot-suggestion">{item.title}</span>
                <span className="jp-Copilot-muted">
                  {notebookName(item.path)}
                  {item.yours ? '' : ` · ${trans.__('for others to decide')}`}
                </span>
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function summary(
  items: readonly InboxItem[],
  trans: ReturnType<typeof useServices>['trans']
): React.ReactNode {
  const places = new Set(items.map(item => item.path));
  const where = <em>{notebookName(items[0]!.path)}</em>;
  const decisions = items.filter(item => item.kind === 'decision').length;
  if (places.size > 1) {
    return trans._n('%1 thing waits elsewhere', '%1 things wait elsewhere', items.length);
  }
  return decisions > 0 ? (
    <>
      {trans._n('%1 decision waits in', '%1 decisions wait in', decisions)} {where}
    </>
  ) : (
    <>
      {items[0]!.title} {trans.__('in')} {where}
    </>
  );
}
