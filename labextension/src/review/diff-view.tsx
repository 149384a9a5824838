import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, highlightSpecialChars } from '@codemirror/view';
import { CodeEditor } from '@jupyterlab/codeeditor';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import * as React from 'react';

import { Button } from '../ui/shared/button';
import type { Hunk } from '../view-model/review/hunks';
import { diffExtension, type Look } from './diff-extension';

export interface DiffViewProps {
  /** Makes an editor as the notebook's own are. */
  factory: CodeEditor.Factory;
  config: Record<string, unknown>;
  mimeType: string;
  before: string;
  /** What is shown, or where editing begins. */
  after: string;
  look: Look;
  label: string;
  /** Told of what is typed and where the caret is, as an offset; absent where nothing can be typed. */
  onEdit?: (text: string, caret: number) => void;
  /** Where the caret is when the editor appears, which takes the focus then; null leaves the focus where it is. */
  caret: number | null;
  /** The stretches that can be left out, and how. */
  hunks: readonly Hunk[];
  dropLabel: (index: number) => string;
  onDrop: (hunk: Hunk) => void;
}

/** A source in an editor of the notebook's own kind, with what differs from another one. */
export function DiffView(props: DiffViewProps): JSX.Element {
  const { factory, mimeType, before, look, label, hunks, dropLabel, onDrop } = props;
  const host = React.useRef<HTMLDivElement>(null);
  const [tops, setTops] = React.useState<readonly number[]>([]);
  const latest = React.useRef(props);
  latest.current = props;
  const isEditing = props.onEdit !== undefined;
  // While somebody edits, what is drawn is theirs.
  const shown = isEditing ? null : props.after;
  React.useEffect(() => {
    const node = host.current;
    if (node === null) {
      return;
    }
    const model = new CodeEditor.Model({ mimeType });
    const { config, after } = latest.current;
    model.sharedModel.setSource(shown ?? after);
    const place = (view: EditorView) => view.requestMeasure({ read: topsOf, write: setTops });
    const topsOf = (view: EditorView) =>
      latest.current.hunks.map(({ after: [from] }) => {
        const { doc } = view.state;
        return view.lineBlockAt(doc.line(Math.min(from + 1, doc.lines)).from).top;
      });
    const extensions: Extension[] = [
      diffExtension(before, look),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': label }),
      EditorView.updateListener.of(update => {
        if (update.docChanged || update.selectionSet) {
          const { doc, selection } = update.state;
          latest.current.onEdit?.(doc.toString(), selection.main.head);
        }
        if (update.geometryChanged) {
          place(update.view);
        }
      }),
      isEditing ? highlightSpecialChars() : EditorView.editable.of(false),
      EditorState.readOnly.of(!isEditing)
    ];
    const options = { host: node, model, config: { ...config, readOnly: !isEditing }, extensions };
    const editor = factory(options) as CodeMirrorEditor;
    place(editor.editor);
    const { caret } = latest.current;
    if (caret !== null) {
      editor.editor.dispatch({
        selection: { anchor: Math.min(caret, editor.editor.state.doc.length) }
      });
      editor.focus();
    }
    return () => {
      editor.dispose();
      model.dispose();
      node.replaceChildren();
    };
  }, [factory, mimeType, before, shown, look, isEditing, label]);
  return (
    <div className="jp-Copilot-diffView" dir="ltr">
      <div ref={host} />
      {hunks.map((hunk, index) => (
        <Button
          key={index}
          className="jp-Copilot-dropHunk"
          style={{ insetBlockStart: tops[index] ?? 0 }}
          label={dropLabel(index)}
          onClick={() => onDrop(hunk)}
        >
          <span aria-hidden="true">✕</span>
        </Button>
      ))}
    </div>
  );
}
