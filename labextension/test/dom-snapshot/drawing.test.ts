import { afterEach, describe, expect, test, vi } from 'vitest';

import { drawingOf } from '../../src/dom-snapshot/drawing';
import type { Styles } from '../../src/dom-snapshot/styles';

/** Of all that is computed, the colour; the rest needs a browser. */
const STYLES: Styles = { rulesFor: element => `.&{color:${getComputedStyle(element).color}}` };
const FRAME = { width: 400, height: 300, scale: 1, cut: false };
const PIXEL = 'data:image/png;base64,iVBORw0KGgo=';

afterEach(() => document.body.replaceChildren());

/** Put this into the page and draw it; what comes back is parsed, so it must be well-formed. */
function draw(html: string) {
  const output = document.createElement('div');
  output.innerHTML = html;
  document.body.append(output);
  const drawing = drawingOf(output, FRAME, STYLES);
  const svg = new DOMParser().parseFromString(drawing.svg, 'image/svg+xml').documentElement;
  expect(svg.localName, drawing.svg).toBe('svg');
  const shown = svg.querySelector('foreignObject')!;
  return { ...drawing, shown, rules: svg.querySelector('style')!.textContent };
}

/** Have an element take this place in the page, which jsdom lays nothing out in. */
function place(element: Element, top: number, height: number): void {
  element.getBoundingClientRect = () => new DOMRect(0, top, 100, height);
}

describe('a drawing', () => {
  test('has the text, the structure and the computed styles of what the page shows', () => {
    const { shown, rules } = draw(
      '<table><tr><th colspan="2" style="color: rgb(1, 2, 3)">a &lt; b</th></tr></table>'
    );
    const head = shown.querySelector('th')!;
    expect(head.textContent).toBe('a < b');
    expect(head.getAttribute('colspan')).toBe('2');
    expect(rules).toContain(`.${head.getAttribute('class')}{color:rgb(1, 2, 3)}`);
  });

  test('gives elements that look the same one rule', () => {
    const { shown } = draw('<p>a</p><p>b</p><p style="color: red">c</p>');
    const [a, b, c] = [...shown.querySelectorAll('p')].map(each => each.getAttribute('class'));
    expect(a).toBe(b);
    expect(c).not.toBe(a);
  });

  test('leaves out what is hidden', () => {
    expect(draw('<p>seen</p><p style="display: none">hidden</p>').shown.textContent).toBe('seen');
  });

  test('ends where the frame ends', () => {
    const output = document.createElement('div');
    output.innerHTML = '<p>above</p><p>across</p><p>below</p>';
    document.body.append(output);
    const [above, across, below] = output.children;
    place(output, 0, 900);
    place(above!, 0, 100);
    place(across!, 250, 100);
    place(below!, 300, 100);
    const { svg } = drawingOf(output, FRAME, STYLES);
    expect(svg).toContain('above');
    expect(svg).toContain('across');
    expect(svg).not.toContain('below');
  });

  test('shows what is in a shadow, and what is put into its slots', () => {
    const output = document.createElement('div');
    output.innerHTML = '<x-plot>slotted</x-plot>';
    document.body.append(output);
    output.firstElementChild!.attachShadow({ mode: 'open' }).innerHTML =
      '<b>shadow</b><slot></slot>';
    expect(drawingOf(output, FRAME, STYLES).svg).toMatch(/shadow<\/b>.*slotted/);
  });

  test('shows what people entered, but no password', () => {
    const output = document.createElement('div');
    output.innerHTML =
      '<input><input type="password"><input type="checkbox"><textarea>at first</textarea>';
    document.body.append(output);
    const [name, password, box] = output.querySelectorAll('input');
    name!.value = 'Alice';
    password!.value = 'secret';
    box!.checked = true;
    output.querySelector('textarea')!.value = 'Notes';
    const { svg } = drawingOf(output, FRAME, STYLES);
    expect(svg).toContain('value="Alice"');
    expect(svg).not.toContain('secret');
    expect(svg).toContain('checked');
    expect(svg).toMatch(/<textarea[^>]*>Notes<\/textarea>/);
  });

  test('has the shapes of vector graphics with the gradients that they use', () => {
    const { shown } = draw(
      '<svg viewBox="0 0 9 9"><defs><linearGradient id="g"/></defs>' +
        '<path d="M0 0L9 9" fill="url(#g)" onclick="run()"/><use href="#g"/></svg>'
    );
    expect(shown.querySelector('svg')!.getAttribute('viewBox')).toBe('0 0 9 9');
    expect(shown.querySelector('path')!.getAttribute('d')).toBe('M0 0L9 9');
    expect(shown.querySelector('linearGradient')).not.toBeNull();
    expect(shown.querySelector('use')!.getAttribute('href')).toBe('#g');
  });

  test('leaves out what it is told to', () => {
    const output = document.createElement('div');
    output.innerHTML = '<p>seen</p><p class="bar">Explain</p>';
    document.body.append(output);
    expect(drawingOf(output, FRAME, STYLES, { except: '.bar' }).svg).not.toContain('Explain');
  });

  test('is refused when it would have too many parts', () => {
    const output = document.createElement('div');
    output.innerHTML = '<i></i>'.repeat(9);
    expect(() => drawingOf(output, FRAME, STYLES, { mostParts: 9 })).toThrow('too many parts');
    expect(drawingOf(output, FRAME, STYLES, { mostParts: 10 }).svg).toContain('<i');
  });
});

describe('nothing is loaded or run for a drawing:', () => {
  test('scripts, handlers and foreign addresses stay behind', () => {
    const { svg } = draw(`
      <script>run()</script><style>p { background: url(https://evil.test/a) }</style>
      <p onclick="run()" onmouseover="run()">text</p>
      <a href="javascript:run()">link</a>
      <svg><script>run()</script><set attributeName="x" to="1"/>
        <a xlink:href="https://evil.test/b"><text onload="run()">t</text></a>
        <use href="https://evil.test/c#d"/></svg>`);
    expect(svg).not.toMatch(/run\(|evil|<script|javascript|<set/);
    expect(svg).toContain('text');
    expect(svg).toContain('link');
  });

  test('embedded pages are blank, and counted', () => {
    const { svg, frames } = draw(
      '<iframe srcdoc="<p>inside</p>"></iframe><video src="/a.mp4"></video><object data="/b"></object>'
    );
    expect(frames).toBe(3);
    expect(svg).not.toMatch(/iframe|inside|a\.mp4|object /);
  });

  test('images within the page are kept, those of other sites are blank and counted', () => {
    const { svg, images, shown } = draw(
      `<img src="${PIXEL}"><img src="https://evil.test/a.png" alt="x">` +
        `<svg><image href="${PIXEL}"/><image href="https://evil.test/b.png"/></svg>`
    );
    expect(images).toBe(2);
    expect(svg).not.toContain('evil');
    expect([...shown.querySelectorAll('img')].map(each => each.getAttribute('src'))).toEqual([
      PIXEL
    ]);
  });

  test('a canvas gives its pixels, unless they are those of another site', () => {
    const pixels = vi.spyOn(HTMLCanvasElement.prototype, 'toDataURL').mockReturnValue(PIXEL);
    expect(draw('<canvas></canvas>').shown.querySelector('img')!.getAttribute('src')).toBe(PIXEL);
    pixels.mockImplementation(() => {
      throw new DOMException('tainted', 'SecurityError');
    });
    expect(draw('<canvas></canvas>').images).toBe(1);
  });

  test('the page is as it was afterwards', () => {
    const before = '<p style="color: red">a</p><iframe></iframe>';
    draw(before);
    expect(document.body.innerHTML).toBe(`<div>${before}</div>`);
  });

  test('characters that no XML may hold are left out', () => {
    const output = document.createElement('div');
    output.textContent = 'a\u0000b\u001Bc';
    document.body.append(output);
    expect(drawingOf(output, FRAME, STYLES).svg).toContain('abc');
  });
});
