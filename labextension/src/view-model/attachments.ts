import type { Image, MessageContext } from '../protocol';

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

/** What makes an attachment the same as another. */
export function keyOf(attachment: Attachment): string {
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
