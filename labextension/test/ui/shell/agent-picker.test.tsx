import { fireEvent, screen } from '@testing-library/react';
import * as React from 'react';
import { expect, it, vi } from 'vitest';

import { AgentPicker } from '../../../src/ui/shell/agent-picker';
import { Avatar } from '../../../src/ui/people/avatar';
import { FakePage, show } from '../page';

const agents = ['Copilot', 'Echo'].map(name => ({
  agent_id: name.toLowerCase(),
  name,
  icon: '',
  abilities: []
}));

it('offers the agents, and says which one was picked', () => {
  const onPick = vi.fn();
  show(<AgentPicker agents={agents} current={agents[0]} onPick={onPick} />);
  fireEvent.click(screen.getByRole('button', { name: 'Agent: Copilot' }));
  fireEvent.click(screen.getByText('Echo'));
  expect(onPick).toHaveBeenCalledWith('echo');
});

it('is not there where one agent answers', () => {
  const { container } = show(
    <AgentPicker agents={agents.slice(0, 1)} current={agents[0]} onPick={vi.fn()} />
  );
  expect(container.textContent).toBe('');
});

it('an agent with an icon of its own is drawn with it, as an image in which nothing runs', () => {
  const page = Object.assign(new FakePage(), { agentIcon: () => '<svg onload="alert(1)"/>' });
  const { container } = show(<Avatar kind="agent" id="echo" name="Echo" />, page);
  const image = container.querySelector('img');
  expect(image?.getAttribute('src')).toBe(
    'data:image/svg+xml;utf8,%3Csvg%20onload%3D%22alert(1)%22%2F%3E'
  );
  expect(container.querySelector('svg')).toBeNull();
});

it('says whose account an agent uses, and how one that is missing is installed', () => {
  const [first, second] = agents;
  const shown = [
    { ...first!, account: 'the account of Ann' },
    { ...second!, missing: 'Install it.' }
  ];
  show(<AgentPicker agents={shown} current={shown[0]} onPick={vi.fn()} />);
  fireEvent.click(screen.getByRole('button', { name: 'Agent: Copilot' }));
  expect(screen.getByText('with the account of Ann')).toBeTruthy();
  expect(screen.getByText('Install it.')).toBeTruthy();
});
