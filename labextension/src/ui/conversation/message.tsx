import * as React from 'react';

import type { Actor, MessageContext, Posted } from '../../protocol';
import { Markdown } from '../shared/markdown';
import { Avatar, type AvatarProps } from '../people/avatar';
import { CellLink } from '../shared/linked-text';
import { Picture } from '../calls/outputs';
import { useServices, useTrans } from '../shared/services';
import { actorName, clock } from '../../view-model/wording';

export interface SpeakerProps {
  actor: AvatarProps;
  name: string;
  /** When it was said, in unix ms; or a word instead of the time. */
  at: number | string;
}

/** Who speaks, and when. */
export function Speaker({ actor, name, at }: SpeakerProps): JSX.Element {
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
}

/** What a person or a kernel said, with what they attached. */
export function PostedMessage(props: PostedMessageProps): JSX.Element {
  const { message, look, queued, sources, onWithdraw } = props;
  const trans = useTrans();
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
      />
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
        <button type="button" className="jp-Copilot-link" onClick={onWithdraw}>
          {trans.__('Take back')}
        </button>
      )}
    </article>
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
            <button type="button" className="jp-Copilot-link" onClick={onDiscard}>
              {trans.__('Discard')}
            </button>
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
