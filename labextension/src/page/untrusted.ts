import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';

const HELD = 'copilotHeld';
/** How many rendered blocks are kept, and how long each may be. */
const KEPT_BLOCKS = 600;
const KEPT_CHARS = 20_000;
const TERMINAL = 'application/vnd.jupyter.stdout';

/**
 * Renders what models, tools and people wrote, none of which is trusted.
 *
 * It is JupyterLab's own renderer and sanitiser. On top of these no picture is fetched before the reader asks for it,
 * because the mere address of a picture can carry data away; and what is drawn cannot look like a part of the page.
 */
export class UntrustedRenderer {
  constructor(
    rendermime: IRenderMimeRegistry,
    private readonly trans: TranslationBundle
  ) {
    this.typesetter = rendermime.latexTypesetter;
    this.rendermime = rendermime.clone({ sanitizer: passive(rendermime.sanitizer) });
    lookNothingUp();
    // JupyterLab fetches its Markdown parser at the first use, and waits for ever when that fails: so now, while
    // the network is there.
    this.markdown('-').catch(() => undefined);
  }

  /** Renders Markdown into a new element; `keep` it for the next time. Rejects when the renderer fails. */
  async markdown(source: string, keep = false): Promise<HTMLElement> {
    const kept = this.markdownAtOnce(source);
    if (kept !== null) {
      return kept;
    }
    const element = await this.render('text/markdown', withoutFetchingDiagrams(source));
    if (keep && source.length < KEPT_CHARS) {
      this.keep(source, element.cloneNode(true) as HTMLElement);
    }
    return this.finished(element);
  }

  /** The same without waiting, where it was kept; else null. */
  markdownAtOnce(source: string): HTMLElement | null {
    const kept = this.kept.get(source);
    if (kept === undefined) {
      return null;
    }
    this.keep(source, kept);
    return this.finished(kept.cloneNode(true) as HTMLElement);
  }

  private finished(element: HTMLElement): HTMLElement {
    offerPictures(element, this.trans);
    framePictures(element, this.trans);
    return element;
  }

  /** Keeps what was used last; what was sanitised stays so. */
  private keep(source: string, element: HTMLElement): void {
    this.kept.delete(source);
    this.kept.set(source, element);
    if (this.kept.size > KEPT_BLOCKS) {
      this.kept.delete(this.kept.keys().next().value!);
    }
  }

  /** Renders text with terminal colours into a new element. Rejects when the renderer fails. */
  terminal(source: string): Promise<HTMLElement> {
    return this.render(TERMINAL, source);
  }

  /** Typesets formulas, once the element is in the page. */
  typeset(element: HTMLElement): void {
    if (element.textContent?.includes('$') || element.textContent?.includes('\\')) {
      // Formulas that cannot be set stay as they were written.
      Promise.resolve(this.typesetter?.typeset(element)).catch(() => undefined);
    }
  }

  private async render(mime: string, source: string): Promise<HTMLElement> {
    const renderer = this.rendermime.createRenderer(mime);
    await renderer.renderModel(
      this.rendermime.createModel({ data: { [mime]: source }, trusted: false })
    );
    const { node } = renderer;
    node.dataset.mimeType = mime;
    return node;
  }

  private readonly kept = new Map<string, HTMLElement>();
  private readonly rendermime: IRenderMimeRegistry;
  private readonly typesetter: IRenderMime.ILatexTypesetter | null;
}

const RENDERERS = new WeakMap<IRenderMimeRegistry, UntrustedRenderer>();

/** The one renderer of a page, whichever room it is for: what it rendered once it does not render again. */
export function untrustedRenderer(
  rendermime: IRenderMimeRegistry,
  trans: TranslationBundle
): UntrustedRenderer {
  const renderer = RENDERERS.get(rendermime) ?? new UntrustedRenderer(rendermime, trans);
  RENDERERS.set(rendermime, renderer);
  return renderer;
}

/** What acts, plays or loads: an answer is for reading. What is within them stays. */
const ACTIVE =
  'form, button, input:not([type="checkbox"][disabled]), select, textarea, fieldset, label, video, audio, object, embed, iframe';
/** JupyterLab's own names that rendered Markdown may carry. */
const RENDERED = /^jp-(?:RenderedMermaid|Mermaid)/;

/** A sanitiser that also takes off what would fetch something, send something, or look like a part of the page. */
export function passive(inner: IRenderMime.ISanitizer): IRenderMime.ISanitizer {
  return {
    ...forward(inner),
    sanitize: (dirty, options) => {
      // A template's content is inert: nothing in it is fetched while it is changed.
      const template = document.createElement('template');
      template.innerHTML = inner.sanitize(dirty, options);
      const { content } = template;
      content
        .querySelectorAll(ACTIVE)
        .forEach(element => element.replaceWith(...element.childNodes));
      content.querySelectorAll<HTMLElement>('img, source, track').forEach(hold);
      content.querySelectorAll<HTMLElement>('[style]').forEach(keepPlainStyle);
      BACKGROUNDS.forEach(name =>
        content.querySelectorAll(`[${name}]`).forEach(element => element.removeAttribute(name))
      );
      content
        .querySelectorAll('a')
        .forEach(link => link.setAttribute('rel', 'noopener noreferrer'));
      content.querySelectorAll('[class]').forEach(dropDisguise);
      return template.innerHTML;
    }
  };
}

/** What text may look like. Boxes, borders and places are for the page: with them anything looks like a button. */
const PLAIN_STYLES = ['color', 'text-align', 'font-weight', 'font-style'];
const BACKGROUNDS = ['bgcolor', 'background', 'bordercolor'];

/** Take off all style that could fetch something or draw something that looks like a part of the page. */
function keepPlainStyle(element: HTMLElement): void {
  const kept = PLAIN_STYLES.flatMap(name => {
    const value = element.style.getPropertyValue(name);
    return /^[\w\s#.,%()-]+$/.test(value) && !/url|var|image|env|attr/i.test(value)
      ? [`${name}: ${value}`]
      : [];
  });
  if (kept.length > 0) {
    element.setAttribute('style', kept.join('; '));
  } else {
    element.removeAttribute('style');
  }
}

/** Take off the names by which parts of JupyterLab are drawn. */
function dropDisguise(element: Element): void {
  for (const name of [...element.classList]) {
    if (/^(?:jp|lm)-/.test(name) && !RENDERED.test(name)) {
      element.classList.remove(name);
    }
  }
}

function forward(inner: IRenderMime.ISanitizer): Partial<IRenderMime.ISanitizer> {
  return {
    getAutolink: () => inner.getAutolink?.() ?? true,
    allowNamedProperties: false
  };
}

function hold(element: HTMLElement): void {
  const source = element.getAttribute('src');
  element.removeAttribute('srcset');
  element.removeAttribute('poster');
  if (source !== null && !/^data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,]/i.test(source)) {
    element.removeAttribute('src');
    element.dataset[HELD] = source;
  }
}

/** Puts a button in place of each held picture that fetches it. */
function offerPictures(host: HTMLElement, trans: TranslationBundle): void {
  for (const held of host.querySelectorAll<HTMLElement>('img')) {
    const source = held.dataset[HELD];
    if (source === undefined) {
      continue;
    }
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'jp-Copilot-held';
    button.textContent = trans.__('Show the picture from %1', hostOf(source));
    button.title = source;
    button.addEventListener('click', () => {
      const picture = document.createElement('img');
      picture.referrerPolicy = 'no-referrer';
      picture.alt = held.getAttribute('alt') ?? '';
      picture.src = source;
      button.replaceWith(picture);
    });
    held.replaceWith(button);
  }
}

/** Says of each picture that an answer brings itself that it is one; none is a link, as a button would be. */
function framePictures(host: HTMLElement, trans: TranslationBundle): void {
  for (const picture of host.querySelectorAll('img')) {
    const frame = document.createElement('span');
    frame.className = 'jp-Copilot-figure';
    const name = document.createElement('span');
    name.className = 'jp-Copilot-figureName';
    name.textContent = trans.__('A picture in this text');
    const link = picture.closest('a');
    if (link !== null) {
      link.replaceWith(...link.childNodes);
      const way = document.createElement('a');
      way.href = link.href;
      way.target = '_blank';
      way.rel = 'noopener noreferrer';
      way.textContent = trans.__('leads to %1', hostOf(link.href));
      name.append(' · ', way);
    }
    picture.replaceWith(frame);
    frame.append(picture, name);
  }
}

const DIAGRAM = /^(.*?(?:`{3,}|~{3,}))(.*mermaid.*)$/i;
const FENCE_END = /^[\s>]*(?:`{3,}|~{3,})\s*$/;
/** What in a diagram could fetch, link or style: addresses, HTML, entities, directives, front matter, shapes with options. */
const RISKY_DIAGRAM =
  /@\{|<[a-z!/?]|[&\\]|#\w+;|\/\/|:\/|url|%%\{|^[\s>]*---\s*$|\b(?:click|href|call|callback|img|icon|image|style|classDef|linkStyle|themeCSS)\b/im;

/** The Markdown with diagrams as plain code that could fetch something: their renderer loads what they name. */
export function withoutFetchingDiagrams(source: string): string {
  if (!/mermaid/i.test(source)) {
    return source;
  }
  const lines = source.split(/\r\n|\r|\n/);
  return lines
    .map((line, index) => {
      const fence = DIAGRAM.exec(line);
      if (fence === null) {
        return line;
      }
      const rest = lines.slice(index + 1);
      const end = rest.findIndex(each => FENCE_END.test(each));
      const body = (end < 0 ? rest : rest.slice(0, end)).join('\n');
      return RISKY_DIAGRAM.test(body) || !/^\s*mermaid\s*$/i.test(fence[2] ?? '')
        ? `${fence[1]}${fence[2]?.replace(/mermaid/gi, 'text')}`
        : line;
    })
    .join('\n');
}

/** Browsers look up the hosts of links before anybody clicks, and a name that is looked up can carry data away. */
function lookNothingUp(): void {
  if (document.querySelector('meta[http-equiv="x-dns-prefetch-control"]') === null) {
    const meta = document.createElement('meta');
    meta.httpEquiv = 'x-dns-prefetch-control';
    meta.content = 'off';
    document.head.append(meta);
  }
}

function hostOf(source: string): string {
  try {
    return new URL(source, location.href).host;
  } catch {
    return source.slice(0, 40);
  }
}
