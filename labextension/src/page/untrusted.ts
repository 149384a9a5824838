import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';

const HELD = 'copilotHeld';
const TERMINAL = 'application/vnd.jupyter.stdout';

/**
 * Renders what models, tools and people wrote, none of which is trusted.
 *
 * It is JupyterLab's own renderer and sanitiser. On top of these no picture is fetched before the reader asks for it,
 * because the mere address of a picture can carry data away.
 */
export class UntrustedRenderer {
  constructor(
    rendermime: IRenderMimeRegistry,
    private readonly trans: TranslationBundle
  ) {
    this.typesetter = rendermime.latexTypesetter;
    this.rendermime = rendermime.clone({ sanitizer: passive(rendermime.sanitizer) });
    // JupyterLab fetches its Markdown parser at the first use, and waits for ever when that fails: so now, while
    // the network is there.
    this.markdown('-').catch(() => undefined);
  }

  /** Renders Markdown into a new element. Rejects when the renderer fails. */
  async markdown(source: string): Promise<HTMLElement> {
    const element = await this.render('text/markdown', source);
    offerPictures(element, this.trans);
    return element;
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

  private readonly rendermime: IRenderMimeRegistry;
  private readonly typesetter: IRenderMime.ILatexTypesetter | null;
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
      content.querySelectorAll<HTMLElement>('[style]').forEach(dropFetchingStyle);
      content.querySelectorAll('[class]').forEach(dropDisguise);
      return template.innerHTML;
    }
  };
}

function dropFetchingStyle(element: HTMLElement): void {
  if (/url\s*\(|image-set|expression/i.test(element.getAttribute('style') ?? '')) {
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

function hostOf(source: string): string {
  try {
    return new URL(source, location.href).host;
  } catch {
    return source.slice(0, 40);
  }
}
