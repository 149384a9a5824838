import * as React from 'react';

import type { Image, MessageContext } from '../../protocol';
import { useServices } from '../shared/services';

/** Something that goes with the next message. */
export type Attachment =
  | { kind: 'cell'; cellId: string; label: string; source: string | null }
  | { kind: 'selection'; cellId: string; label: string; text: string }
  | { kind: 'variable'; label: string }
  | { kind: 'file'; label: string }
  | { kind: 'image'; label: string; image: Image };

/** The attachments with one more; the same thing is not attached twice, and there is one selection at most. */
export function attach(attachments: Attachment[], added: Attachment): Attachment[] {
  const others = attachments.filter(a => keyOf(a) !== keyOf(added));
  return [...others, added];
}

function keyOf(attachment: Attachment): string {
  switch (attachment.kind) {
    case 'cell':
      return `cell ${attachment.cellId}`;
    case 'selection':
      return 'selection';
    case 'image':
      return `image ${attachment.image.data}`;
    case 'variable':
    case 'file':
      return `${attachment.kind} ${attachment.label}`;
  }
}

/** What the server is told of the attachments. */
export function contextOf(attachments: Attachment[], activeCellId: string | null): MessageContext {
  const of = <K extends Attachment['kind']>(kind: K) =>
    attachments.filter((a): a is Extract<Attachment, { kind: K }> => a.kind === kind);
  const selection = of('selection')[0];
  return {
    active_cell_id: activeCellId,
    cells: of('cell').map(a => ({ cell_id: a.cellId, source: a.source })),
    selection: selection ? { cell_id: selection.cellId, text: selection.text } : null,
    files: of('file').map(a => a.label),
    variables: of('variable').map(a => a.label),
    images: of('image').map(a => a.image)
  };
}

export interface AttachmentsProps {
  attachments: Attachment[];
  onRemove: (attachment: Attachment) => void;
}

/** What is attached, each with a way to take it off. */
export function Attachments({ attachments, onRemove }: AttachmentsProps): JSX.Element | null {
  const { Icon, trans } = useServices();
  if (attachments.length === 0) {
    return null;
  }
  return (
    <ul className="jp-Copilot-attachments" aria-label={trans.__('Attached')}>
      {attachments.map(attachment => (
        <li key={keyOf(attachment)} className="jp-Copilot-chip">
          {attachment.kind === 'image' && (
            <img alt="" src={`data:${attachment.image.mime};base64,${attachment.image.data}`} />
          )}
          <span>{attachment.label}</span>
          <button
            type="button"
            aria-label={trans.__('Remove %1', attachment.label)}
            title={trans.__('Remove')}
            onClick={() => onRemove(attachment)}
          >
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}

const MAX_IMAGE_BYTES = 500_000;

/** The image files among some; a picture that is too large for a message is refused in words. */
export async function imagesOf(
  files: Iterable<File>
): Promise<(Attachment | { refused: string })[]> {
  const images = [...files].filter(file => file.type.startsWith('image/'));
  return Promise.all(
    images.map(async file => {
      if (file.size > MAX_IMAGE_BYTES) {
        return { refused: file.name };
      }
      const image = { mime: file.type, data: await base64(file), name: file.name };
      return { kind: 'image' as const, label: file.name || 'image', image };
    })
  );
}

function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(reader.error ?? new Error('unreadable'));
    reader.readAsDataURL(file);
  });
}
