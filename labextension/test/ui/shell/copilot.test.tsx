import { fireEvent, screen, waitFor } from '@testing-library/react';
import * as React from 'react';
import { describe, expect, test, vi } from 'vitest';

import { Copilot, type CopilotActions } from '../../../src/ui/shell/copilot';
import type { CopilotView } from '../../../src/view-model/copilot-view';
import type { RoomState } from '../../../src/protocol';
import {
  ALICE,
  at,
  BOB,
  chosen,
  KERNEL,
  NOW,
  participant,
  Scene,
  view,
  YOU
} from '../../../gallery/fixtures';
import { grown, show } from '../page';

function actions(): CopilotActions {
  const names = [
    'onPick',
    'onCreate',
    'onRename',
    'onArchive',
    'onDecide',
    'onDecideAll',
    'onReview',
    'onWithdraw',
    'onRetry',
    'onRewind',
    'onContinue',
    'onDiscard',
    'onReconnect',
    'onSignIn',
    'onDraft',
    'onSend',
    'onAsk',
    'onStop',
    'onTyping',
    'onMode',
    'onModel',
    'onAgent',
    'onConnectModel',
    'onDismiss'
  ];
  const all = Object.fromEntries(names.map(name => [name, vi.fn()]));
  return { ...all, suggest: vi.fn(async () => []) } as unknown as CopilotActions;
}

function proposed(): Scene {
  return new Scene()
    .say(ALICE, at(-1), 'Fix it')
    .call('Edit cell 4', NOW, { status: 'proposed', effect: 'edit' }, {});
}

function decided(): RoomState {
  return new Scene()
    .say(ALICE, at(-1), 'Fix it')
    .call('Edit cell 4', NOW, { effect: 'edit' }, chosen(BOB, 'approve', NOW))
    .state();
}

const TOO_LATE = {
  commandId: 'x',
  command: { type: 'decide', confirmation_id: 'c2.q', args_hash: 'h', option: 'deny' } as never,
  refusal: { code: 'already_decided', message: 'Bob decided this already: Approve.', hint: '' }
};

describe('the panel', () => {
  test('turns a card into one line with the name of who decided, as soon as the state says so', () => {
    const given = actions();
    const { rerender } = show(<Copilot view={view(proposed().state())} actions={given} />);
    expect(
      screen.getByRole('article', { name: 'Waiting for a decision: Edit cell 4' })
    ).toBeTruthy();
    rerender(<Copilot view={view(decided(), { version: 2 })} actions={given} />);
    expect(screen.queryByRole('button', { name: /Approve/ })).toBeNull();
    expect(screen.getByText('Bob').textContent).toBe('Bob approved');
    expect(document.body.textContent).toContain('from the sidebar');
  });

  test('tells who clicked too late who won', () => {
    show(<Copilot view={view(decided(), { unsent: [TOO_LATE] })} actions={actions()} />);
    expect(screen.getByRole('alert').textContent).toContain('Bob was first');
  });

  test('lets whoever may write not wait for the model server', () => {
    const given = actions();
    const delay = {
      problem: { code: 'busy', message: 'The model server is busy.', hint: '' },
      attempt: 2,
      of: 4,
      retry_at: NOW + 20_000
    };
    const state = new Scene().say(ALICE, at(-1), 'And now?', { delay } as never).state();
    const { rerender } = show(<Copilot view={view(state)} actions={given} />);
    fireEvent.click(screen.getByRole('button', { name: 'Try now' }));
    expect(given.onRetry).toHaveBeenCalledWith(Object.keys(state.runs)[0]);
    const watcher = { ...YOU, can: ['read' as const] };
    rerender(<Copilot view={view(state, { you: watcher })} actions={given} />);
    expect(screen.queryByRole('button', { name: 'Try now' })).toBeNull();
  });

  test('keeps the looks of whoever left, and says that it knows only who was here last', () => {
    const colored = participant(ALICE, { color: '#112233', initials: 'A' });
    const known = { everybody: [colored], latest: [colored] };
    const state = new Scene().say(ALICE, at(-1), 'Fix it').state();
    const offline = { connection: { type: 'offline' } as const, participants: [], known };
    show(<Copilot view={view(state, offline)} actions={actions()} />);
    const here = screen.getByRole('img', { name: /Not connected\. Last seen here: .*Alice/ });
    expect(here.querySelector('.jp-mod-person')?.textContent).toBe('A');
    const author = document.querySelector<HTMLElement>('.jp-Copilot-rows .jp-mod-person');
    expect(author?.style.background).toBe('rgb(17, 34, 51)');
  });

  test('says that it does not know yet who is here before anybody was seen', () => {
    const known = { everybody: [], latest: [] };
    const state = new Scene().say(ALICE, at(-1), 'Fix it').state();
    show(<Copilot view={view(state, { participants: [], known })} actions={actions()} />);
    expect(screen.getByRole('img', { name: 'Not connected yet' })).toBeTruthy();
  });

  test('tells a screen reader once that code tried to decide', () => {
    const state = proposed().state();
    const { rerender } = show(<Copilot view={view(state)} actions={actions()} />);
    const spoken = document.querySelector('[aria-live="polite"].jp-Copilot-sr')!;
    expect(spoken.textContent).toBe('');
    const open = { ...state.confirmations['c2.q']!, tried_by: KERNEL };
    const tried = { ...state, confirmations: { 'c2.q': open } };
    rerender(<Copilot view={view(tried, { version: 2 })} actions={actions()} />);
    expect(spoken.textContent).toMatch(/^Code in “.*” tried to decide this by itself\./);
  });

  test('shows a decision that waits for the connection as being sent', () => {
    const waiting = { ...TOO_LATE, refusal: null };
    show(<Copilot view={view(proposed().state(), { unsent: [waiting] })} actions={actions()} />);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Sending…' }).disabled).toBe(true);
  });

  test('names the others who look at a confirmation, and not oneself', () => {
    const participants = [
      participant(ALICE, { reviewing: 'c2.q' }),
      participant(BOB, { reviewing: 'c2.q' })
    ];
    show(<Copilot view={view(proposed().state(), { participants })} actions={actions()} />);
    expect(screen.getByText(/Bob is reviewing/).textContent).not.toContain('Alice is');
  });

  test('shows a message that waits to be sent, and says so', async () => {
    const unsent = [
      {
        commandId: 'x',
        refusal: null,
        command: {
          type: 'post_message',
          message_id: 'm',
          thread_id: 'main',
          text: 'Hello'
        } as never
      }
    ];
    show(<Copilot view={view(new Scene().state(), { unsent })} actions={actions()} />);
    expect(screen.getByText('waiting to be sent')).toBeTruthy();
    await waitFor(() => expect(screen.getByText('Hello')).toBeTruthy());
  });

  test('lets a waiting message be withdrawn', () => {
    const given = actions();
    const state = new Scene()
      .say(ALICE, at(-2), 'One')
      .say(ALICE, at(-1), 'Two', { status: 'queued' } as never)
      .state();
    show(<Copilot view={view(state)} actions={given} />);
    expect(screen.getByText('queued')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Take back' }));
    expect(given.onWithdraw).toHaveBeenCalledExactlyOnceWith('m2.r1');
  });

  test('stops the run that is active', () => {
    const given = actions();
    show(<Copilot view={view(new Scene().say(ALICE, NOW, 'Go').state())} actions={given} />);
    fireEvent.click(screen.getByRole('button', { name: 'Stop the copilot' }));
    expect(given.onStop).toHaveBeenCalledExactlyOnceWith('m1.r1');
  });

  test.each<[CopilotView['connection'], RegExp]>([
    [{ type: 'waiting', retryAt: NOW + 3000 }, /Reconnecting in 3 s/],
    [{ type: 'offline' }, /You are offline/],
    [{ type: 'signed_out' }, /You are signed out/],
    [{ type: 'closed', reason: 'There is no such notebook.' }, /There is no such notebook/]
  ])('says in words how the connection stands: %o', (connection, words) => {
    show(<Copilot view={view(new Scene().state(), { connection })} actions={actions()} />);
    expect(screen.getByRole('alert').textContent).toMatch(words);
  });

  test('offers the next step for a run that failed', () => {
    const given = actions();
    const failed = (code: string) => {
      const error = { code, message: 'It failed.', hint: '' };
      const ended = { status: 'finished', outcome: 'failed', error } as never;
      return view(new Scene().say(ALICE, NOW, 'Go', ended).state());
    };
    const { unmount } = show(<Copilot view={failed('model_unauthorised')} actions={given} />);
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(given.onRetry).toHaveBeenCalledExactlyOnceWith('m1.r1');
    unmount();
    for (const code of ['limit_tokens', 'limit_answer', 'empty_answer']) {
      const shown = show(<Copilot view={failed(code)} actions={given} />);
      fireEvent.click(screen.getByRole('button', { name: 'Continue' }));
      shown.unmount();
    }
    expect(given.onContinue).toHaveBeenCalledTimes(3);
  });

  test('explains a doubt and offers what can be done', () => {
    const given = actions();
    const state = new Scene()
      .say(BOB, at(-5), 'Train it.')
      .call('Run cell 12', at(-4), {
        status: 'in_doubt',
        effect: 'execute',
        at: NOW,
        message: 'Nobody knows.'
      })
      .doubt([{ id: 'again', label: 'Run again', style: 'danger' }])
      .state();
    show(<Copilot view={view(state)} actions={given} />);
    expect(screen.getByRole('heading', { name: 'Did cell 12 run?' })).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Run again' }));
    expect(given.onDecide).toHaveBeenCalledWith('c2.again', { option: 'again', comment: '' });
  });

  test('says which model to set when there is none', () => {
    const { page } = show(
      <Copilot view={view(new Scene().state(0), { models: [] })} actions={actions()} />
    );
    fireEvent.click(screen.getByRole('button', { name: 'Copy “export OPENAI_API_KEY=sk-…”' }));
    expect(page.copied).toEqual(['export OPENAI_API_KEY=sk-…']);
  });

  test('asks an example with one click, whatever is being written', () => {
    const given = actions();
    show(<Copilot view={view(new Scene().state(0))} actions={given} />);
    fireEvent.click(screen.getByRole('button', { name: 'Plot flipper_length_mm by species' }));
    expect(given.onAsk).toHaveBeenCalledExactlyOnceWith('Plot flipper_length_mm by species');
    expect(given.onDraft).not.toHaveBeenCalled();
  });

  test('goes to the cell that a title speaks of', () => {
    const { page } = show(<Copilot view={view(proposed().state())} actions={actions()} />);
    fireEvent.click(screen.getByRole('button', { name: 'cell 4' }));
    expect(page.visited).toEqual([{ number: 4 }]);
  });

  test('shows text of people, tools and models as text', async () => {
    const evil = '<img src=x onerror="window.hacked = true"><script>window.hacked = true</script>';
    const state = new Scene(evil)
      .say({ ...BOB, name: evil }, NOW, 'x')
      .call(evil, NOW, {
        effect: 'execute',
        is_error: true,
        result: { text: evil, images: [], cells: [] }
      })
      .call(evil, NOW, { status: 'proposed', effect: 'execute', code: evil }, { body: evil })
      .state();
    const participants = [participant({ ...BOB, name: evil }, { typing: true })];
    const { container } = show(
      <Copilot
        view={view(state, { participants, notebook: evil, notice: evil })}
        actions={actions()}
      />
    );
    await waitFor(() =>
      expect(container.querySelector('.jp-Copilot-codeView')?.textContent).toBe(evil)
    );
    expect(container.querySelectorAll('img, script')).toHaveLength(0);
    expect(window).not.toHaveProperty('hacked');
  });

  test('a watcher cannot write, rename or decide', () => {
    const you = { ...YOU, id: 'carol', can: ['read'] as const };
    show(<Copilot view={view(proposed().state(), { you: you as never })} actions={actions()} />);
    expect(screen.queryByRole('button', { name: 'New chat' })).toBeNull();
    expect(screen.queryByRole('button', { name: /Approve/ })).toBeNull();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Send' }).disabled).toBe(true);
  });
});

test('a row that cannot be drawn says so, and the rest stays', () => {
  const silence = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const state = new Scene()
    .say(ALICE, NOW, 'Go')
    .call('Edit cell 4', NOW, { effect: 'edit', outputs: null })
    .call('Edit cell 5', NOW, { effect: 'edit' })
    .state();
  show(<Copilot view={view(state)} actions={actions()} />);
  expect(screen.getByRole('alert').textContent).toMatch(/^This could not be shown/);
  expect(screen.getByRole('button', { name: 'cell 5' })).toBeTruthy();
  expect(silence).toHaveBeenCalled();
});

test('a connection that is lost for a moment moves nothing on the screen', () => {
  vi.useFakeTimers();
  const draw = (connection: CopilotView['connection']) => (
    <Copilot view={view(new Scene().state(), { connection })} actions={actions()} />
  );
  const { rerender } = show(draw({ type: 'live' }));
  rerender(draw({ type: 'waiting', retryAt: NOW + 300 }));
  expect(screen.queryByRole('alert')).toBeNull();
  expect(screen.getByText('Offline')).toBeTruthy();
  React.act(() => void vi.advanceTimersByTime(1000));
  rerender(draw({ type: 'connecting' }));
  rerender(draw({ type: 'waiting', retryAt: NOW + 600 }));
  React.act(() => void vi.advanceTimersByTime(300));
  expect(screen.getByRole('alert')).toBeTruthy();
  vi.useRealTimers();
});

test('says why connecting takes long, once it does', () => {
  vi.useFakeTimers();
  const connection = { type: 'connecting' } as const;
  show(<Copilot view={view(new Scene().state(), { connection })} actions={actions()} />);
  React.act(() => void vi.advanceTimersByTime(7900));
  expect(screen.queryByRole('alert')).toBeNull();
  React.act(() => void vi.advanceTimersByTime(200));
  expect(screen.getByRole('alert').textContent).toMatch(/^Still connecting/);
  vi.useRealTimers();
});

test('the agent speaks under the name that says what it is', () => {
  const agent = { kind: 'agent', id: 'copilot', name: 'Demo copilot' } as const;
  const state = new Scene().say(ALICE, NOW, 'Go', { agent }).answer(NOW, 'Here.').state();
  show(<Copilot view={view(state)} actions={actions()} />);
  expect(screen.getByText('Demo copilot')).toBeTruthy();
});

test('a notice can be put away', () => {
  const given = actions();
  show(<Copilot view={view(new Scene().state(), { notice: 'Look here.' })} actions={given} />);
  fireEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
  expect(given.onDismiss).toHaveBeenCalledOnce();
});

describe('the end of the conversation', () => {
  function scrolled(top: number) {
    const given = actions();
    const state = new Scene().say(ALICE, NOW, 'Go').answer(NOW, 'text').state();
    const result = show(<Copilot view={view(state)} actions={given} />);
    const scroller = screen.getByRole('log');
    const content = scroller.firstElementChild as HTMLElement;
    const size = (element: HTMLElement, key: string, value: number) =>
      Object.defineProperty(element, key, { configurable: true, value });
    size(scroller, 'clientHeight', 500);
    size(scroller, 'scrollHeight', 1000);
    for (const each of [500, top]) {
      scroller.scrollTop = each;
      fireEvent.scroll(scroller);
    }
    const grow = (to = 1400) => {
      size(scroller, 'scrollHeight', to);
      size(content, 'offsetHeight', to);
      React.act(() => grown.forEach(tell => tell()));
    };
    return { ...result, scroller, grow };
  }

  test('stays in sight while the reader is there', () => {
    const { scroller, grow } = scrolled(500);
    grow();
    expect(scroller.scrollTop).toBe(1400);
    expect(screen.queryByRole('button', { name: 'New ↓' })).toBeNull();
  });

  test('stays in sight when the event of its own scroll comes after more text', () => {
    const { scroller, grow } = scrolled(500);
    grow(1400);
    Object.defineProperty(scroller, 'scrollHeight', { configurable: true, value: 2400 });
    fireEvent.scroll(scroller);
    grow(2400);
    expect(scroller.scrollTop).toBe(2400);
  });

  test('does not move a reader who is elsewhere, but says that there is more', () => {
    const { scroller, grow } = scrolled(100);
    grow();
    expect(scroller.scrollTop).toBe(100);
    fireEvent.click(screen.getByRole('button', { name: 'New ↓' }));
    expect(scroller.scrollTop).toBe(1400);
  });
});
