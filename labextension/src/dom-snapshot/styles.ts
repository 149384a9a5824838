export const SVG = 'http://www.w3.org/2000/svg';

/** Given apart, or changing with time, or another name of what is given already. */
const LEFT_OUT =
  /^(?:width|height|(?:min-|max-)?(?:inline|block)-size|perspective-origin|content-visibility|cursor)$|^(?:animation|transition|contain|will-change|view-transition|scroll-|overscroll|-webkit-locale|-webkit-user|user-select|pointer-events)|-(?:inline|block)(?:-|$)/;

/** How parts of vector graphics look, beyond what their own attributes say. */
const OF_VECTORS =
  /^(?:fill|stroke|stop-|opacity|color$|font|text-anchor|text-decoration|letter-spacing|word-spacing|white-space|dominant-baseline|alignment-baseline|baseline-shift|display$|visibility|clip-path|clip-rule|mask$|mask-image|filter|marker|paint-order|transform|mix-blend-mode|shape-rendering|vector-effect|overflow-)/;

/** How elements look. */
export interface Styles {
  /** The rules that make a copy look like the element, its generated parts included; `&` stands for its class. */
  rulesFor(element: Element): string;
}

/** Tells how elements look, as rules of CSS that need no other style sheet. */
export class ComputedStyles implements Styles {
  /** Finds out what each property is where nothing sets it, from an element that is in the page for that moment. */
  constructor(page: Document = document) {
    const bare = page.createElement('div');
    bare.style.setProperty('all', 'initial');
    page.body.append(bare);
    const style = getComputedStyle(bare);
    for (const name of Array.from(style)) {
      if (!LEFT_OUT.test(name)) {
        this.initial.set(name, style.getPropertyValue(name));
      }
    }
    bare.remove();
    this.ofVectors = [...this.initial.keys()].filter(name => OF_VECTORS.test(name));
  }

  rulesFor(element: Element): string {
    if (isPartOfVector(element)) {
      return `.&{${this.vectorRules(getComputedStyle(element))}}`;
    }
    const rules = [`.&{${this.boxRules(getComputedStyle(element))}}`];
    for (const part of ['::before', '::after']) {
      const style = getComputedStyle(element, part);
      const content = style.getPropertyValue('content');
      if (content !== '' && content !== 'none' && content !== 'normal') {
        const { width, height } = style;
        rules.push(`.&${part}{${this.boxRules(style)}width:${width};height:${height}}`);
      }
    }
    return rules.join('');
  }

  /** Everything is reset, whatever kind of element it is, and then set where it differs. */
  private boxRules(style: CSSStyleDeclaration): string {
    const turns = style.getPropertyValue('transform') !== 'none';
    let rules = 'all:initial;';
    for (const [name, initial] of this.initial) {
      const value = style.getPropertyValue(name);
      // Colours that nothing sets follow the text's; an origin is given in the box's own pixels.
      const matters =
        name === 'transform-origin' ? turns : value !== initial || name.endsWith('-color');
      if (matters && value !== '') {
        rules += `${name}:${value};`;
      }
    }
    return rules;
  }

  private vectorRules(style: CSSStyleDeclaration): string {
    return this.ofVectors.map(name => `${name}:${style.getPropertyValue(name)};`).join('');
  }

  private readonly initial = new Map<string, string>();
  private readonly ofVectors: readonly string[];
}

/** Whether it is within vector graphics; their outermost element is a box like those of HTML. */
export function isPartOfVector(element: Element): boolean {
  return element.namespaceURI === SVG && element.parentElement?.namespaceURI === SVG;
}
