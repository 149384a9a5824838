/** What JupyterLab's inline completer asks: whether to send a request, and how its answer is shown while it comes. */
import type { CodeEditor } from '@jupyterlab/codeeditor';
import type {
  CompletionHandler,
  IInlineCompletionContext,
  IInlineCompletionItem,
  IInlineCompletionList
} from '@jupyterlab/completer';

import { Answer } from './answer';
import { Answers } from './answers';
import type { CompletionSwitch } from './completion-switch';
import { KernelNames } from './kernel-names';
import { type Place, placeOf, spotNow } from './place';
import type { Typing } from './typing';
import type { Ask } from './wire';

/** JupyterLab draws the ghost at each piece. */
const DRAW_MS = 40;
const TOLD_TO = 0;
const NONE = { items: [] };

type Items = IInlineCompletionList<IInlineCompletionItem>;

export interface CompleterParts {
  readonly ask: Ask;
  readonly tab: string;
  readonly switched: CompletionSwitch;
  readonly typing: Pick<Typing, 'isIn'>;
  now(): number;
}

export class Completer {
  constructor(private readonly parts: CompleterParts) {}

  /** The texts for the place: what is known, else what the model says, with at most one request on its way. */
  async fetch(
    request: CompletionHandler.IRequest,
    context: IInlineCompletionContext
  ): Promise<Items> {
    const { switched, typing } = this.parts;
    const toldTo = (context.triggerKind as number) === TOLD_TO;
    if (switched.mode === 'off') {
      return NONE;
    }
    const place = placeOf(request, context);
    if (place === null || (!toldTo && !place.editor.hasFocus())) {
      return NONE;
    }
    const known = this.answers.find(place);
    if (known !== null && (!toldTo || !known.isOver)) {
      return this.shown([known], place, toldTo);
    }
    if (!toldTo && !(switched.asksUnasked && typing.isIn(place.editor))) {
      return NONE;
    }
    const answer = this.begin(place, context, known !== null);
    return this.shown(known === null ? [answer] : [known, answer], place, toldTo);
  }

  /** The rest of an answer, as it comes. */
  async *stream(token: string): AsyncGenerator<{ response: IInlineCompletionItem }> {
    const found = this.coming.get(token);
    this.coming.delete(token);
    while (found !== undefined && !found.answer.isOver) {
      const { answer, editor } = found;
      await answer.grew();
      if (!answer.isOver) {
        await new Promise(resolve => setTimeout(resolve, DRAW_MS));
      }
      const spot = spotNow(editor, answer.spot);
      const rest = spot === null ? null : answer.rest(spot);
      if (rest === null) {
        return;
      }
      yield { response: { insertText: rest } };
    }
  }

  /** Forget what was answered: another model was chosen. */
  forget(): void {
    this.running?.cut();
    this.answers.clear();
  }

  private begin(place: Place, context: IInlineCompletionContext, again: boolean): Answer {
    const { ask, tab, switched, now } = this.parts;
    this.running?.cut();
    const { editor, key, prefix, suffix, language, above, below } = place;
    const answer = new Answer({ key, prefix, suffix });
    this.running = answer;
    this.answers.add(answer);
    const names = this.names.of(context.session?.kernel);
    const code = { prefix, suffix, language, above, below, names };
    const unwatch = cutWhenLeft(answer, editor);
    const asked = { code, model: switched.model?.name ?? '', tab, again };
    void answer.come(ask, asked, now).finally(() => {
      unwatch();
      if (answer.sent !== null) {
        switched.went(answer.sent);
      }
      if (answer.problem !== null) {
        switched.failed(answer.problem);
      } else if (answer.firstMs !== null) {
        switched.answered(answer.firstMs);
      }
    });
    return answer;
  }

  /** Wait for a first text of the last of these answers, and show what there is. */
  private async shown(answers: readonly Answer[], place: Place, toldTo: boolean): Promise<Items> {
    const last = answers[answers.length - 1]!;
    while (last.text === '' && !last.isOver) {
      await last.grew();
    }
    const { problem } = last;
    if (problem !== null && toldTo) {
      return { items: [{ insertText: '', error: { message: words(problem) } }] };
    }
    const items = answers.flatMap((answer): IInlineCompletionItem[] => {
      const rest = answer.rest(place);
      if (rest === null || answer.wasCut || (rest === '' && answer.isOver)) {
        return [];
      }
      return answer.isOver ? [{ insertText: rest }] : [this.incomplete(answer, rest, place)];
    });
    return { items: items.filter((item, n) => !items.slice(0, n).some(same(item))) };
  }

  private incomplete(answer: Answer, rest: string, { editor }: Place): IInlineCompletionItem {
    const token = `copilot-${this.tokens++}`;
    this.coming.set(token, { answer, editor });
    return { insertText: rest, isIncomplete: true, token };
  }

  private readonly answers = new Answers();
  private readonly names = new KernelNames();
  private readonly coming = new Map<string, { answer: Answer; editor: CodeEditor.IEditor }>();
  private running: Answer | null = null;
  private tokens = 0;
}

function words({ message, hint }: { message: string; hint: string }): string {
  return `${message} ${hint}`.trim();
}

function same(item: IInlineCompletionItem): (other: IInlineCompletionItem) => boolean {
  return other => other.insertText === item.insertText && !item.isIncomplete;
}

/** End the answer once the person types something else, moves the cursor away or leaves; returns how to stop. */
function cutWhenLeft(answer: Answer, editor: CodeEditor.IEditor): () => void {
  const { sharedModel, selections } = editor.model;
  let isDue = false;
  const look = () => {
    isDue = false;
    const spot = spotNow(editor, answer.spot);
    const cursor = editor.getOffsetAt(editor.getCursorPosition());
    if (spot === null || cursor !== spot.prefix.length || answer.rest(spot) === null) {
      answer.cut();
    }
  };
  // The text changes before the cursor does.
  const soon = () => {
    if (!isDue) {
      isDue = true;
      setTimeout(look, 0);
    }
  };
  const left = () => answer.cut();
  sharedModel.changed.connect(soon);
  selections.changed.connect(soon);
  editor.host.addEventListener('focusout', left);
  return () => {
    sharedModel.changed.disconnect(soon);
    selections.changed.disconnect(soon);
    editor.host.removeEventListener('focusout', left);
  };
}
