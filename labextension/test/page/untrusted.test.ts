import { expect, test } from 'vitest';

import { passive, withoutFetchingDiagrams } from '../../src/page/untrusted';

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

test.each([
  'display:inline-block;padding:6px 14px;border-radius:4px;background:#1976d2',
  'border: 1px solid red',
  'position: fixed; inset: 0',
  'color: var(--jp-accept-color-normal)',
  'background-color: u\\72l(https://evil.example/x)',
  'background-image: image-set("https://evil.example/x" 1x)'
])('text cannot be drawn as a button or a place of the page: %s', style => {
  const html = document.createElement('span');
  html.setAttribute('style', style);
  html.textContent = 'Approve';
  expect(hold(html.outerHTML).innerHTML).toBe('<span>Approve</span>');
});

test('a cell of a table has no colour that would make it a button', () => {
  const html = '<table><tbody><tr><td bgcolor="#1976d2">Approve</td></tr></tbody></table>';
  expect(hold(html).querySelector('[bgcolor]')).toBeNull();
});

test('colours of a terminal and alignment stay', () => {
  const html = '<p style="text-align: right">a</p><span style="color: rgb(1, 2, 3)">b</span>';
  expect(hold(html).innerHTML).toBe(html);
});

test('where a link leads does not learn from where', () => {
  expect(hold('<a href="https://a.example" rel="opener">a</a>').querySelector('a')?.rel).toBe(
    'noopener noreferrer'
  );
});

test.each([
  ['graph TD; A@{ img: "https://evil.example/x" }'],
  ['graph TD; A["<img src=//evil.example/x>"]'],
  ['graph TD; A["#lt;img#gt;"]'],
  ['%%{init: {"themeCSS": "a"}}%%\ngraph TD; A'],
  ['---\nconfig: {}\n---\ngraph TD; A'],
  ['graph TD; A; classDef a fill:red'],
  ['graph TD; click A "x"'],
  ['']
])('a diagram that could fetch is shown as code: %s', body => {
  for (const fence of ['```mermaid', '~~~ Mermaid', '> - ```mermaid', '```mermaid x']) {
    const plain = withoutFetchingDiagrams(`a\n\n${fence}\n${body}\n\`\`\`\n`);
    const isHarmless = body === '' && !fence.endsWith('x');
    expect(/mermaid/i.test(plain)).toBe(isHarmless);
  }
});

test('a plain diagram is drawn', () => {
  const source = 'Look:\n\n```mermaid\ngraph TD\n  A[Load] --> B{Clean?}\n  B -- yes --> C\n```\n';
  expect(withoutFetchingDiagrams(source)).toBe(source);
});
