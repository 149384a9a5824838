import type { Frame } from './frame';
import { pixelsOf } from './pixels';
import { isPartOfVector, type Styles, SVG } from './styles';

/** What an element shows, as an SVG that needs nothing else, and how many parts of it are blank there. */
export interface Drawing {
  readonly svg: string;
  /** Embedded pages. */
  readonly frames: number;
  /** Images and canvases that hold pixels of other sites. */
  readonly images: number;
}

/** What would take long enough to be felt is refused. */
const MOST_PARTS = 20_000;
const XHTML = 'http://www.w3.org/1999/xhtml';

/** They show nothing by themselves, or change what is shown later. */
const UNSEEN = new Set(
  ['script', 'style', 'link', 'meta', 'template', 'noscript', 'source', 'title'].concat([
    'animate',
    'animateMotion',
    'animateTransform',
    'set'
  ])
);
/** They show a page or a player of their own. */
const EMBEDDED = new Set(['iframe', 'frame', 'object', 'embed', 'video', 'audio']);
/** Attributes of HTML that change how an element looks. */
const LOOKS = ['colspan', 'rowspan', 'span', 'start', 'type', 'max', 'min', 'open', 'dir', 'lang'];
/** A reference to another part of the drawing, or an image within the address. */
const CONTAINED = /^(?:#|data:image\/)/i;
const XML_NAME = /^[A-Za-z_][\w.:-]*$/;
// eslint-disable-next-line no-control-regex
const NOT_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;

/**
 * Draw what an element shows, as far as it is within a frame at its top left corner.
 *
 * The copy is made in a document in which nothing loads and nothing runs, out of what the page has drawn already:
 * styles as computed, pixels of images and canvases as they are. No handler, script or foreign address gets into it.
 * The element stays as it is. `except` selects what is left out. Throws when it has too many parts.
 */
export function drawingOf(
  element: HTMLElement,
  frame: Frame,
  styles: Styles,
  { except = '', mostParts = MOST_PARTS } = {}
): Drawing {
  const bottom = element.getBoundingClientRect().top + frame.height;
  const copier = new Copier(bottom, styles, except, mostParts);
  const svg = copier.draw(element, frame);
  return { svg, ...copier.blank };
}

class Copier {
  readonly blank = { frames: 0, images: 0 };

  constructor(
    private readonly bottom: number,
    private readonly styles: Styles,
    private readonly except: string,
    private readonly mostParts: number
  ) {}

  draw(element: HTMLElement, { width, height }: Frame): string {
    const svg = this.sheet.createElementNS(SVG, 'svg');
    const body = this.sheet.createElementNS(SVG, 'foreignObject');
    for (const each of [svg, body]) {
      each.setAttribute('width', String(width));
      each.setAttribute('height', String(height));
    }
    const copy = this.copy(element);
    if (copy instanceof HTMLElement) {
      // The frame decides how much is shown, whatever held the element in the page.
      const { style } = copy;
      Object.assign(style, { margin: '0', position: 'static', overflow: 'visible' });
      Object.assign(style, { height: 'auto', maxHeight: 'none' });
      body.append(copy);
    }
    const style = this.sheet.createElementNS(SVG, 'style');
    const rules = [...this.classes].map(([rule, name]) => rule.replace(/\.&/g, `.${name}`));
    style.textContent = ['*{scrollbar-width:none !important}', ...rules].join('\n');
    svg.append(style, body);
    return new XMLSerializer().serializeToString(svg).replace(NOT_XML, '');
  }

  private copy(element: Element): Element | null {
    const name = element.localName;
    if (UNSEEN.has(name) || this.isExcepted(element) || this.isOut(element)) {
      return null;
    }
    this.parts += 1;
    if (this.parts > this.mostParts) {
      throw new Error('The output has too many parts to be drawn.');
    }
    if (EMBEDDED.has(name)) {
      this.blank.frames += 1;
      return this.room(element);
    }
    if (element instanceof HTMLImageElement || element instanceof HTMLCanvasElement) {
      return this.image(element);
    }
    const copy = element.namespaceURI === SVG ? this.vector(element) : this.box(element, name);
    for (const child of shownChildren(element)) {
      const isElement = child instanceof Element;
      const drawn = isElement ? this.copy(child) : this.sheet.createTextNode(child.data);
      if (drawn !== null) {
        copy.append(drawn);
      }
    }
    return copy;
  }

  private isExcepted(element: Element): boolean {
    return this.except !== '' && element.matches(this.except);
  }

  /** Whether it is not shown, or stands wholly below the frame. */
  private isOut(element: Element): boolean {
    if (getComputedStyle(element).display === 'none') {
      return !isPartOfVector(element); // definitions of gradients and the like are not shown, and yet needed
    }
    const { top, height } = element.getBoundingClientRect();
    return height > 0 && top >= this.bottom;
  }

  private box(element: Element, name: string): HTMLElement {
    const copy = this.sheet.createElementNS(XHTML, name) as HTMLElement;
    for (const attribute of LOOKS) {
      const value = element.getAttribute(attribute);
      if (value !== null) {
        copy.setAttribute(attribute, value);
      }
    }
    copyValue(element, copy);
    copy.className = this.classOf(element);
    this.size(element, copy);
    return copy;
  }

  private size(element: Element, { style }: ElementCSSInlineStyle): void {
    const { width, height } = getComputedStyle(element);
    // What goes on below the frame is copied without its end, and must not spread over the room of that.
    const isCut = element.getBoundingClientRect().bottom > this.bottom;
    style.width = width;
    style.height = isCut ? 'auto' : height;
  }

  private vector(element: Element): SVGElement {
    const copy = this.sheet.createElementNS(SVG, element.localName) as SVGElement;
    for (const { localName, name, value } of element.attributes) {
      if (localName === 'href') {
        this.refer(copy, value);
      } else if (XML_NAME.test(name) && !name.includes(':') && !name.startsWith('on')) {
        copy.setAttribute(name, value);
      }
    }
    copy.setAttribute('class', this.classOf(element));
    if (!isPartOfVector(element)) {
      this.size(element, copy);
    }
    return copy;
  }

  private refer(copy: Element, address: string): void {
    if (CONTAINED.test(address)) {
      copy.setAttribute('href', address);
    } else if (copy.localName === 'image') {
      this.blank.images += 1;
    }
  }

  /** An image or a canvas with the pixels that the page shows; blank when it may not give them away. */
  private image(element: HTMLImageElement | HTMLCanvasElement): HTMLElement {
    const pixels = pixelsOf(element);
    if (pixels === null) {
      this.blank.images += 1;
      return this.room(element);
    }
    const copy = this.box(element, 'img');
    copy.setAttribute('src', pixels);
    return copy;
  }

  /** The empty room of what cannot be drawn, within a thin line. */
  private room(element: Element): HTMLElement {
    const copy = this.box(element, 'div');
    const { display } = getComputedStyle(element);
    copy.style.display = display === 'inline' ? 'inline-block' : display;
    copy.style.outline = '1px dashed gray';
    return copy;
  }

  /** The class with the element's styles; elements that look the same share one. */
  private classOf(element: Element): string {
    const rules = this.styles.rulesFor(element);
    const name = this.classes.get(rules) ?? `c${this.classes.size}`;
    this.classes.set(rules, name);
    return name;
  }

  private readonly sheet = document.implementation.createHTMLDocument('');
  /** The names of classes by their rules. */
  private readonly classes = new Map<string, string>();
  private parts = 0;
}

/** The nodes that are shown inside of an element: those of its shadow, or those that were put into a slot. */
function* shownChildren(element: Element): Iterable<Element | Text> {
  if (element instanceof HTMLTextAreaElement) {
    return; // its value is copied; its text is only what that was at first
  }
  const slotted = element instanceof HTMLSlotElement ? element.assignedNodes() : [];
  const nodes = slotted.length > 0 ? slotted : (element.shadowRoot ?? element).childNodes;
  for (const node of nodes) {
    if (node instanceof Element || node instanceof Text) {
      yield node;
    }
  }
}

/** What a person entered, which no attribute of a field tells. */
function copyValue(element: Element, copy: Element): void {
  if (element instanceof HTMLInputElement) {
    copy.setAttribute('value', element.type === 'password' ? '' : element.value);
    copy.toggleAttribute('checked', element.checked);
  } else if (element instanceof HTMLOptionElement) {
    copy.toggleAttribute('selected', element.selected);
  } else if (element instanceof HTMLProgressElement || element instanceof HTMLMeterElement) {
    copy.setAttribute('value', String(element.value));
  } else if (element instanceof HTMLTextAreaElement) {
    copy.textContent = element.value;
  }
}
