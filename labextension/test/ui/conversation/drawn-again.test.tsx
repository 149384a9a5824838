import { act } from '@testing-library/react';
import * as React from 'react';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import type { AnswerText as AnswerTextType } from '../../../src/ui/conversation/answer-text';
import type { PostedMessage as PostedMessageType } from '../../../src/ui/conversation/message';
import { Copilot, type CopilotActions } from '../../../src/ui/shell/copilot';
import type { RoomState } from '../../../src/protocol';
import { acquainted, NOBODY } from '../../../src/view-model/acquaintance';
import { ALICE, BOB, NOW, participant, Scene, view, YOU } from '../../../gallery/fixtures';
import { FakePage, show } from '../page';

const counts = vi.hoisted(() => ({ drawn: [] as string[], timelines: 0 }));

vi.mock('../../../src/ui/conversation/answer-text', async original => {
  const real = await original<{ AnswerText: typeof AnswerTextType }>();
  const AnswerText: typeof AnswerTextType = props => {
    counts.drawn.push(props.answer.message_id);
    return real.AnswerText(props);
  };
  return { ...real, AnswerText };
});

vi.mock('../../../src/ui/conversation/message', async original => {
  const real = await original<{ PostedMessage: typeof PostedMessageType }>();
  const PostedMessage: typeof PostedMessageType = props => {
    counts.drawn.push(props.message.message_id);
    return real.PostedMessage(props);
  };
  return { ...real, PostedMessage };
});

vi.mock('../../../src/view-model/conversation/timeline', async original => {
  const real = await original<typeof import('../../../src/view-model/conversation/timeline')>();
  const timeline: typeof real.timeline = (...given) => {
    counts.timelines += 1;
    return real.timeline(...given);
  };
  return { ...real, timeline };
});

const ANSWERS = 40;
const OVER = { status: 'finished', outcome: 'success' } as const;
const actions = { suggest: async () => [] } as unknown as CopilotActions;

/** Many exchanges, the last of which goes on. */
function long(): RoomState {
  let scene = new Scene();
  for (let n = 0; n < ANSWERS; n++) {
    scene = scene
      .say(ALICE, NOW, `Question ${n}`, n < ANSWERS - 1 ? OVER : {})
      .answer(NOW, `Answer ${n}`, n < ANSWERS - 1 ? {} : { status: 'streaming' });
  }
  return scene.state();
}

const here = [participant(ALICE), participant(BOB)];
const shown = { participants: here, known: acquainted(NOBODY, here), you: YOU, unsent: [] };

describe('in a long conversation that was drawn', () => {
  const state = long();
  const draw = (more: object) => (
    <Copilot view={view(state, { ...shown, ...more })} actions={actions} />
  );

  beforeEach(() => {
    counts.drawn.length = 0;
    counts.timelines = 0;
  });

  test('one more piece of an answer draws that answer, and nothing else', () => {
    const { rerender } = show(draw({}));
    expect(counts.drawn).toHaveLength(2 * ANSWERS);
    counts.drawn.length = 0;
    const id = Object.keys(state.messages).at(-1)!;
    state.messages[id] = { ...state.messages[id]!, text: 'Answer and more' } as never;
    rerender(draw({ version: 2 }));
    expect(counts.drawn).toEqual([id]);
  });

  test('a key in the composer draws no row, and looks at none', () => {
    const { rerender } = show(draw({}));
    counts.drawn.length = 0;
    counts.timelines = 0;
    rerender(draw({ draft: { text: 'W', attachments: [] } }));
    expect(counts.drawn).toEqual([]);
    expect(counts.timelines).toBe(0);
  });

  test('somebody who types, comes or looks elsewhere draws no row', () => {
    const { rerender } = show(draw({}));
    counts.drawn.length = 0;
    rerender(draw({ participants: [participant(ALICE), participant(BOB, { typing: true })] }));
    expect(counts.drawn).toEqual([]);
  });

  test('what was rendered once is there at once when it is shown again', async () => {
    const kept = new Set<string>();
    const page = new FakePage();
    const parsed: string[] = [];
    const element = (source: string) => {
      const made = document.createElement('p');
      made.textContent = source;
      return made;
    };
    Object.assign(page, {
      markdown: async (source: string, keep: boolean) => {
        parsed.push(source);
        if (keep) {
          kept.add(source);
        }
        return element(source);
      },
      markdownAtOnce: (source: string) => (kept.has(source) ? element(source) : null)
    });
    const { unmount } = show(draw({}), page);
    await act(async () => undefined);
    unmount();
    parsed.length = 0;
    const { container } = show(draw({}), page);
    expect(parsed).toEqual([...Object.values(state.messages)].slice(-1).map(m => m.text));
    expect(container.textContent).toContain('Answer 3');
  });
});
