import * as React from 'react';

import type { Thread } from '../../protocol';
import { Button } from '../shared/button';
import { Menu, MenuEntry } from '../shared/menu';
import { useServices, useTrans } from '../shared/services';

export interface ThreadActions {
  onPick: (threadId: string) => void;
  onCreate: () => void;
  onRename: (threadId: string, title: string) => void;
  onArchive: (threadId: string) => void;
  /** Lets an agent from outside in, where the page can. */
  onConnectAgent?: () => void;
  /** Shows the servers whose tools the copilot has, where the page can. */
  onToolServers?: () => void;
}

export interface ThreadPickerProps extends ThreadActions {
  threads: Thread[];
  current: string;
  /** Threads in which something waits for a person. */
  waiting: ReadonlySet<string>;
  /** Whether this person may write. */
  canWrite: boolean;
}

/** Which conversation is shown; begins, renames and archives them. */
export function ThreadPicker(props: ThreadPickerProps): JSX.Element {
  const {
    threads,
    current,
    waiting,
    canWrite,
    onPick,
    onCreate,
    onRename,
    onArchive,
    onConnectAgent,
    onToolServers
  } = props;
  const { Icon } = useServices();
  const trans = useTrans();
  const [renaming, setRenaming] = React.useState(false);
  const thread = threads.find(t => t.thread_id === current);
  const title = thread?.title ?? current;
  if (renaming) {
    const done = (next: string) => {
      setRenaming(false);
      if (next && next !== title) {
        onRename(current, next);
      }
    };
    return <TitleField title={title} onDone={done} />;
  }
  return (
    <div className="jp-Copilot-threads">
      <Menu label={trans.__('Chat: %1', title)} value={title} align="end">
        {close => (
          <>
            {threads
              .filter(t => !t.archived || t.thread_id === current)
              .map(t => (
                <MenuEntry
                  key={t.thread_id}
                  checked={t.thread_id === current}
                  onPick={() => {
                    onPick(t.thread_id);
                    close();
                  }}
                >
                  <span className="jp-Copilot-grow">{t.title}</span>
                  <ThreadMark thread={t} waiting={waiting.has(t.thread_id)} />
                </MenuEntry>
              ))}
            {canWrite && (
              <div role="group" className="jp-Copilot-menuGroup" aria-label={trans.__('This chat')}>
                <MenuEntry onPick={() => setRenaming(true)}>{trans.__('Rename…')}</MenuEntry>
                {current !== 'main' && (
                  <MenuEntry
                    onPick={() => {
                      onArchive(current);
                      close();
                    }}
                  >
                    {trans.__('Archive')}
                  </MenuEntry>
                )}
                {onConnectAgent && (
                  <MenuEntry
                    onPick={() => {
                      onConnectAgent();
                      close();
                    }}
                  >
                    {trans.__('Connect an agent…')}
                  </MenuEntry>
                )}
                {onToolServers && (
                  <MenuEntry
                    onPick={() => {
                      onToolServers();
                      close();
                    }}
                  >
                    {trans.__('Tool servers…')}
                  </MenuEntry>
                )}
              </div>
            )}
          </>
        )}
      </Menu>
      {canWrite && (
        <Button className="jp-Copilot-iconButton" label={trans.__('New chat')} onClick={onCreate}>
          <Icon name="add" />
        </Button>
      )}
    </div>
  );
}

function ThreadMark({ thread, waiting }: { thread: Thread; waiting: boolean }): JSX.Element | null {
  const trans = useTrans();
  if (waiting) {
    return <span className="jp-Copilot-mark jp-mod-waiting">{trans.__('needs a decision')}</span>;
  }
  if (thread.active_run_id) {
    return <span className="jp-Copilot-mark">{trans.__('at work')}</span>;
  }
  return null;
}

function TitleField(props: { title: string; onDone: (title: string) => void }): JSX.Element {
  const trans = useTrans();
  const [title, setTitle] = React.useState(props.title);
  const field = React.useRef<HTMLInputElement>(null);
  React.useEffect(() => field.current?.select(), []);
  return (
    <input
      ref={field}
      className="jp-Copilot-field jp-Copilot-titleField"
      aria-label={trans.__('Title of the chat')}
      value={title}
      maxLength={200}
      onChange={event => setTitle(event.target.value)}
      onBlur={() => props.onDone(title.trim())}
      onKeyDown={event => {
        if (event.key === 'Enter') {
          props.onDone(title.trim());
        } else if (event.key === 'Escape') {
          props.onDone(props.title);
        }
      }}
    />
  );
}
