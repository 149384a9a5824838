import type { Cell } from '@jupyterlab/cells';
import type { IDisposable } from '@lumino/disposable';

import type { OpenNotebook } from '../model/rooms';
import type { Services } from '../ui/shared/services';
import { isSending, refusalOf } from '../view-model/outgoing';
import { barredFrom } from '../view-model/people';
import type { Change } from '../view-model/review/changes';
import { type Hunk, withoutHunk } from '../view-model/review/hunks';
import { isSameText, type Meant, takenOf } from '../model/review-drafts';
import { type DrawnSources, drawnSources, promptOf } from './drawn-change';
import type { DiffViewProps } from './diff-view';
import { ProposalWidget } from './proposal-widget';
import type { Sight } from './sight';

/** What a proposal has of the notebook around it. */
export interface Surroundings {
  notebook: OpenNotebook;
  services: Services;
  sight: Sight;
  settle: (change: Change, mark: 'accept' | 'reject') => void;
  redraw: () => void;
  go: (step: 1 | -1) => void;
  acceptAll: () => void;
  visited: (change: Change) => void;
}

/** Where a proposal stands among the others, and in which cell. */
export interface Standing {
  cell: Cell;
  position: number;
  total: number;
  isShared: boolean;
  together: number;
  stale: boolean;
}

/** One proposal in a cell: what this person does with it until they decide. */
export class CellProposal implements IDisposable {
  readonly widget: ProposalWidget;

  constructor(
    private readonly around: Surroundings,
    private change: Change,
    before?: CellProposal
  ) {
    const isSame = before !== undefined && isSameText(before.change.diff, change.diff);
    this.text = isSame ? before.text : null;
    this.caret = before?.caret ?? 0;
    this.showsCurrent = before?.showsCurrent ?? false;
    this.hasFocus = before?.hasFocus ?? false;
    this.widget = new ProposalWidget({
      services: around.services,
      actions: {
        onAccept: () => this.accept(),
        onReject: () => this.settle('reject'),
        onUnmark: () => this.mean({ mark: null }),
        onEdit: () => this.edit(),
        onCancel: () => this.cancel(),
        onPutBack: () => this.mean({ source: null }),
        onShowCurrent: () => {
          this.showsCurrent = !this.showsCurrent;
          around.redraw();
        }
      },
      onReview: reviewing => this.review(reviewing),
      onFocus: hasFocus => (this.hasFocus = hasFocus),
      onEnd: end => around.sight.follow(this.change, end),
      onKey: event => this.onKey(event),
      isWriting: () => this.isWriting
    });
  }

  /** Whether the cell's own input is hidden for it. */
  get hidesCurrent(): boolean {
    const { action } = this.change.diff;
    return !this.showsCurrent && action !== 'move' && action !== 'retype' && action !== 'insert';
  }

  get canDecide(): boolean {
    return this.barred === null;
  }

  private get isWriting(): boolean {
    return this.text !== null && this.hasFocus;
  }

  get isSending(): boolean {
    return isSending(this.unsent, this.change.confirmation.confirmation_id);
  }

  show(change: Change, standing: Standing): void {
    const isOther = !isSameText(this.change.diff, change.diff);
    this.change = change;
    this.standing = standing;
    if (isOther) {
      // What was being edited is another proposal now. One that only moved, as another was accepted, is still the same.
      this.text = null;
    }
    const { diff, confirmation } = change;
    const { notebook, services, sight } = this.around;
    const sources = drawnSources(change, this.meant);
    const isMarkdown =
      diff.cell_type === 'markdown' && diff.action !== 'delete' && diff.action !== 'move';
    const { you, participants } = notebook.room.model;
    const id = confirmation.confirmation_id;
    this.widget.draw({
      name: diff.action === 'insert' ? services.trans.__('a new cell') : this.name,
      look: {
        change,
        ...standing,
        prompt: promptOf(change, standing.cell, services.trans),
        added: sources.added,
        removed: sources.removed,
        leftOut: sources.leftOut,
        mark: this.mark,
        reviewers: participants.filter(each => each.reviewing === id && each.id !== you?.id),
        barred: this.barred,
        sending: this.isSending,
        refusal: refusalOf(this.unsent, id),
        seen: sight.has(change),
        canEdit: sources.canEdit,
        editing: this.text !== null,
        showsCurrent: this.showsCurrent,
        hidesCurrent: diff.action === 'edit',
        markdown: isMarkdown ? (this.text ?? sources.after) : null,
        target: diff.action === 'move' ? this.target : null,
        sources: [diff.after ?? diff.before ?? '']
      },
      code: sources.hasCode ? this.code(sources) : null
    });
  }

  get isDisposed(): boolean {
    return this.widget.isDisposed;
  }

  dispose(): void {
    this.review(false);
    this.around.sight.follow(this.change, null);
    this.widget.dispose();
  }

  private code(sources: DrawnSources): DiffViewProps {
    const { content } = this.around.notebook.panel;
    const { trans } = this.around.services;
    const { cell_type } = this.change.diff;
    const isEditing = this.text !== null;
    return {
      factory: content.contentFactory.editorFactory,
      config: { ...content.editorConfig[cell_type], lineNumbers: false, codeFolding: false },
      mimeType: cell_type === 'code' ? content.codeMimetype : MIME_TYPES[cell_type],
      before: isEditing ? sources.before : sources.shownBefore,
      after: this.text ?? sources.shownAfter,
      look: sources.look,
      label: isEditing ? trans.__('Edit the proposed code') : trans.__('Proposed code'),
      onEdit: isEditing ? this.onEdit : undefined,
      caret: this.isWriting ? this.caret : null,
      hunks: isEditing || this.barred !== null ? [] : sources.hunks,
      dropLabel: index => trans.__('Leave out part %1 of %2', index + 1, sources.hunks.length),
      onDrop: hunk => this.drop(sources, hunk)
    };
  }

  private readonly onEdit = (text: string, caret: number) => {
    this.text = text;
    this.caret = caret;
  };

  private accept(): void {
    const { change, text, around } = this;
    if (this.standing?.stale !== false || this.barred !== null || this.isSending) {
      return;
    }
    if (text !== null) {
      this.text = null;
      this.mean({ source: text });
    } else if (!around.sight.has(change)) {
      this.widget.node.querySelector('.jp-Copilot-proposalEnd')?.scrollIntoView({ block: 'end' });
      return;
    }
    this.settle('accept');
  }

  /** What was pressed or written in goes or is disabled now; the focus stays here, so that it can go on from here. */
  private settle(mark: 'accept' | 'reject'): void {
    const { node } = this.widget;
    if (node.contains(document.activeElement)) {
      node.focus({ preventScroll: true });
    }
    this.around.settle(this.change, mark);
  }

  private edit(): void {
    if (this.text === null && drawnSources(this.change, this.meant).canEdit) {
      this.text = drawnSources(this.change, this.meant).after;
      this.caret = 0;
      this.hasFocus = true;
      this.around.redraw();
    }
  }

  private cancel(): void {
    this.text = null;
    this.around.redraw();
    this.widget.node.focus({ preventScroll: true });
  }

  private drop({ before, after }: DrawnSources, hunk: Hunk): void {
    this.mean({ source: withoutHunk(before, after, hunk) });
  }

  private mean(meant: Partial<Meant>): void {
    const { call, index } = this.change;
    this.around.notebook.room.review.set(call, index, meant);
  }

  private review(reviewing: boolean): void {
    const { notebook, visited } = this.around;
    if (reviewing !== this.isReviewing) {
      this.isReviewing = reviewing;
      const id = this.change.confirmation.confirmation_id;
      notebook.room.model.setPresence({ reviewing: reviewing ? id : null });
    }
    if (reviewing) {
      visited(this.change);
    }
  }

  /** Keys with a modifier act wherever the focus is in it; the others only on the proposal itself. */
  private onKey(event: KeyboardEvent): void {
    const { widget, around, text } = this;
    const isModified = event.ctrlKey || event.metaKey;
    const isOnIt = event.target === widget.node && !isModified && !event.altKey && !event.shiftKey;
    const act = (action: () => void) => {
      event.preventDefault();
      event.stopPropagation();
      if (!event.repeat) {
        action();
      }
    };
    if (isModified && event.key === 'Enter') {
      act(() => (event.shiftKey ? around.acceptAll() : this.accept()));
    } else if (event.key === 'F7') {
      act(() => around.go(event.shiftKey ? -1 : 1));
    } else if (event.key === 'Escape') {
      act(() => (text === null ? this.leave() : this.cancel()));
    } else if (isOnIt && event.key === 'Delete' && this.canDecide && !this.isSending) {
      act(() => this.settle('reject'));
    } else if (isOnIt && event.key === 'Enter' && this.canDecide) {
      act(() => this.edit());
    }
  }

  /** Back to the notebook, with the cell of the proposal selected. */
  private leave(): void {
    this.around.notebook.panel.content.node.focus({ preventScroll: true });
  }

  private get name(): string {
    const { diff } = this.change;
    return this.around.notebook.cells.name(diff.cell_id) ?? diff.label;
  }

  private get target(): string {
    const { trans } = this.around.services;
    const { above_after } = this.change.diff;
    const name = above_after === null ? null : this.around.notebook.cells.name(above_after);
    return name === null ? trans.__('to the top') : trans.__('below %1', name);
  }

  private get meant(): Meant {
    const { call, index } = this.change;
    return this.around.notebook.room.review.of(call, index);
  }

  private get mark() {
    return this.meant.mark === null ? null : takenOf(this.meant);
  }

  private get barred(): string | null {
    const { notebook, services } = this.around;
    return barredFrom(this.change.confirmation, notebook.room.model.you, services.trans);
  }

  private get unsent() {
    return this.around.notebook.room.unsent;
  }

  /** What is being edited; null while nobody edits. */
  private text: string | null;
  private caret: number;
  private standing: Standing | null = null;
  private showsCurrent: boolean;
  /** Whether the focus is in it, or was when its cell went. */
  private hasFocus: boolean;
  private isReviewing = false;
}

const MIME_TYPES = { markdown: 'text/x-ipythongfm', raw: 'text/plain' };
