import * as React from 'react';

import type { Actor, MessageContext, Posted, You } from '../../protocol';
import { Button } from '../shared/button';
import type { ConversationActions } from './conversation';
import { Markdown } from '../shared/markdown';
import { Avatar, type AvatarProps } from '../people/avatar';
import { CellLink } from '../shared/linked-text';
import { Picture } from '../calls/outputs';
import { type IconName, useServices, useTrans } from '../shared/services';
import { answerOf, type RunRow } from '../../view-model/conversation/run-blocks';
import { mayRetry } from '../../view-model/permissions/rules';
import { actorName, clock } from '../../view-model/wording';

export interface SpeakerProps {
  actor: AvatarProps;
  name: string;
  /** When it was said, in unix ms; or a word instead of the time. */
  at: number | string;
  /** What can be done with it. */
  children?: React.ReactNode;
}

/** Who speaks, and when. */
export function Speaker({ actor, name, at, children }: SpeakerProps): JSX.Element {
  const { now } = useServices();
  return (
    <div className="jp-Copilot-speaker">
      <Avatar {...actor} />
      <b dir="auto">{name}</b>
      {typeof at === 'string' ? (
        <span className="jp-Copilot-time">{at}</span>
      ) : (
        <time
          className="jp-Copilot-time"
          dateTime={new Date(at).toISOString()}
          title={new Date(at).toLocaleString()}
        >
          {clock(at, now())}
        </time>
      )}
      {children}
    </div>
  );
}

export interface PostedMessageProps {
  message: Posted;
  /** The author's colour and initials, if they are here. */
  look: Pick<AvatarProps, 'color' | 'initials'>;
  /** Set while the message waits for the ones before it. */
  queued: boolean;
  /** Instructions of the project that the answer follows, by where they are from. */
  sources: readonly string[];
  onWithdraw?: () => void;
  /** Puts it into the composer; absent for those who may not write. */
  onEdit?: (text: string) => void;
  /** What else can be done with it. */
  children?: React.ReactNode;
}

/** What a person or a kernel said, with what they attached. */
export function PostedMessage(props: PostedMessageProps): JSX.Element {
  const { message, look, queued, sources, onWithdraw, onEdit } = props;
  const { trans, copy } = useServices();
  const { author } = message;
  return (
    <article
      className={`jp-Copilot-message${queued ? ' jp-mod-queued' : ''}`}
      data-message-id={message.message_id}
    >
      <Speaker
        actor={{ ...author, ...look }}
        name={actorName(author, trans)}
        at={queued ? trans.__('queued') : message.at}
      >
        <span className="jp-Copilot-messageActions">
          <Act icon="copy" label={trans.__('Copy this message')} act={() => copy(message.text)} />
          {onEdit && (
            <Act
              icon="edit"
              label={trans.__('Edit and send again')}
              act={() => onEdit(message.text)}
            />
          )}
          {props.children}
        </span>
      </Speaker>
      <div className="jp-Copilot-bubble">
        <Markdown text={message.text} />
        <Attached context={message.context} />
      </div>
      {sources.length > 0 && (
        <div
          className="jp-Copilot-attached"
          aria-label={trans.__('Instructions that are followed')}
        >
          {sources.map(source => (
            <span
              key={source}
              className="jp-Copilot-chip"
              title={trans.__('The copilot follows the instructions in %1.', source)}
            >
              {source}
            </span>
          ))}
        </div>
      )}
      {queued && onWithdraw && (
        <Button className="jp-Copilot-link" onClick={onWithdraw}>
          {trans.__('Take back')}
        </Button>
      )}
    </article>
  );
}

export interface RunActionsProps {
  row: RunRow;
  you: You | null;
  actions: ConversationActions;
}

/** What can be done with an answer that is whole: put into the notebook, given once more. */
export function RunActions({ row, you, actions }: RunActionsProps): JSX.Element {
  const { trans, insertText } = useServices();
  const text = answerOf(row);
  const { run } = row;
  return (
    <span className="jp-Copilot-messageActions">
      {insertText && text !== '' && (
        <Act
          icon="insert"
          label={trans.__('Insert this answer as a cell')}
          act={() => insertText(text)}
        />
      )}
      {run?.status === 'finished' && run.outcome === 'success' && mayRetry(run, you) && (
        <Act
          icon="retry"
          label={trans.__('Answer again')}
          act={() => actions.onRetry(run.run_id)}
        />
      )}
    </span>
  );
}

function Act(props: { icon: IconName; label: string; act: () => void }): JSX.Element {
  const { Icon } = useServices();
  const { icon, label, act } = props;
  return (
    <Button className="jp-Copilot-iconButton" label={label} onClick={act}>
      <Icon name={icon} />
    </Button>
  );
}

export interface UnsentMessageProps {
  author: Actor;
  look: Pick<AvatarProps, 'color' | 'initials'>;
  text: string;
  context: MessageContext;
  /** Why it was refused; null while it is on its way. */
  problem: string | null;
  onDiscard?: () => void;
}

/** A message that the server does not have yet. */
export function UnsentMessage(props: UnsentMessageProps): JSX.Element {
  const { author, look, text, context, problem, onDiscard } = props;
  const trans = useTrans();
  return (
    <article className="jp-Copilot-message jp-mod-unsent">
      <Speaker
        actor={{ ...author, ...look }}
        name={actorName(author, trans)}
        at={problem ? trans.__('not sent') : trans.__('waiting to be sent')}
      />
      <div className="jp-Copilot-bubble">
        <Markdown text={text} />
        <Attached context={context} />
      </div>
      {problem && (
        <div className="jp-Copilot-problem" role="alert">
          {problem}{' '}
          {onDiscard && (
            <Button className="jp-Copilot-link" onClick={onDiscard}>
              {trans.__('Discard')}
            </Button>
          )}
        </div>
      )}
    </article>
  );
}

/** What goes with a message: cells, variables, files, a selection, pictures. */
function Attached({ context }: { context: MessageContext }): JSX.Element | null {
  const { trans, cellNumber } = useServices();
  const cells = context.cells.map(cell => ({ id: cell.cell_id, number: cellNumber(cell.cell_id) }));
  const words = [...context.variables, ...context.files];
  if (cells.length + words.length + context.images.length === 0 && !context.selection) {
    return null;
  }
  return (
    <div className="jp-Copilot-attached">
      {cells.map(({ id, number }) => (
        <span key={id} className="jp-Copilot-chip">
          {number === null ? (
            trans.__('a cell that is gone')
          ) : (
            <CellLink target={{ id }} label={trans.__('cell %1', number)} />
          )}
        </span>
      ))}
      {context.selection && (
        <details className="jp-Copilot-selection">
          <summary className="jp-Copilot-chip">{trans.__('selection')}</summary>
          <pre className="jp-Copilot-plain">{context.selection.text}</pre>
        </details>
      )}
      {words.map(word => (
        <span key={word} className="jp-Copilot-chip">
          {word}
        </span>
      ))}
      {context.images.map((image, index) => (
        <Picture key={index} image={image} origin={trans.__('Attached picture')} />
      ))}
    </div>
  );
}
