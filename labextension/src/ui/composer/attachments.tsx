import * as React from 'react';

import { type Attachment, keyOf } from '../../view-model/attachments';
import { Button } from '../shared/button';
import { useServices } from '../shared/services';

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
          <Button
            aria-label={trans.__('Remove %1', attachment.label)}
            title={trans.__('Remove')}
            onClick={() => onRemove(attachment)}
          >
            <Icon name="close" />
          </Button>
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
      const data = await base64(file);
      const image = { mime: file.type, data, name: file.name, digest: '', bytes: 0 };
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
