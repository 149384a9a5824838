import { expect, test } from 'vitest';

import { passive } from '../../src/page/untrusted';

const hold = (html: string): HTMLElement => {
  const host = document.createElement('div');
  host.innerHTML = passive({ sanitize: dirty => dirty }).sanitize(html);
  return host;
};

test.each([
  '<img src="https://evil.example/pixel?secret">',
  '<img src="/logout">',
  '<img src="//evil.example/x" srcset="https://evil.example/y 2x">',
  '<img src="data:text/html,<script>1</script>">',
  '<video poster="https://evil.example/p" src="https://evil.example/v"></video>',
  '<picture><source srcset="https://evil.example/s"><img src="https://evil.example/x"></picture>'
])('%s is not fetched', html => {
  const host = hold(html);
  for (const element of host.querySelectorAll('*')) {
    expect(element.getAttributeNames()).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(src|srcset|poster)$/)])
    );
  }
});

test('a picture that is in the text itself stays', () => {
  expect(hold('<img src="data:image/png;base64,AQID">').querySelector('img')?.src).toBe(
    'data:image/png;base64,AQID'
  );
});

test('a style that would fetch something is taken off', () => {
  expect(hold('<p style="background: url(https://evil.example/x)">a</p>').innerHTML).toBe(
    '<p>a</p>'
  );
});

test.each([
  ['<form action="/logout"><button type="submit">Go</button></form>', 'Go'],
  ['<input value="x"><select><option>a</option></select>', 'a'],
  ['<button class="jp-Copilot-button jp-mod-go">Approve</button>', 'Approve'],
  ['<iframe srcdoc="x"></iframe><object data="x"></object><audio src="x" autoplay></audio>', '']
])('%s is left as what it says', (html, text) => {
  const host = hold(html);
  expect(host.querySelector('form, button, input, select, iframe, object, audio')).toBeNull();
  expect(host.textContent).toBe(text);
});

test('a box of a task list stays', () => {
  const html = '<input type="checkbox" disabled="" checked="">';
  expect(hold(html).querySelector('input')?.checked).toBe(true);
});

test('nothing can look like a part of JupyterLab, and code keeps its colours', () => {
  const host = hold('<p class="jp-Dialog lm-Widget mine">a</p><span class="cm-keyword">b</span>');
  expect(host.innerHTML).toBe('<p class="mine">a</p><span class="cm-keyword">b</span>');
});
