import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { type Hazard, lettersOf, MARKS, visibleText } from '../../core/visible-text';
import { useTrans } from './services';

const LETTERS = lettersOf(
  'Hebrew Arabic Syriac Thaana Nko Adlam Samaritan Mandaic Hanifi_Rohingya'
);
/** Letters that are read from right to left: each word for itself, so that code keeps its order around them. */
const RIGHT_TO_LEFT = String.raw`[${LETTERS}\p{Mn}]*[${LETTERS}]\p{Mn}*`;
const APART = new RegExp(`(${MARKS.source})|(${RIGHT_TO_LEFT})`, 'gu');

const MARK_CLASS = 'jp-Copilot-written';

export interface Stretch {
  text: string;
  apart: 'mark' | 'word' | null;
}

/** A visible text in stretches: marks, words that are read from right to left, and the rest. */
export function stretches(text: string): Stretch[] {
  const found: Stretch[] = [];
  let at = 0;
  for (const match of text.matchAll(APART)) {
    found.push({ text: text.slice(at, match.index), apart: null });
    found.push({ text: match[0], apart: match[1] === undefined ? 'word' : 'mark' });
    at = match.index + match[0].length;
  }
  found.push({ text: text.slice(at), apart: null });
  return found.filter(stretch => stretch.text !== '');
}

/** A text in which everything can be seen. `shown` has been made visible already. */
export function Visible({ shown }: { shown: string }): JSX.Element {
  return (
    <>
      {stretches(shown).map(({ text, apart }, index) =>
        apart === 'mark' ? (
          <span key={index} className={MARK_CLASS}>
            {text}
          </span>
        ) : apart === 'word' ? (
          <bdi key={index}>{text}</bdi>
        ) : (
          text
        )
      )}
    </>
  );
}

/** The same for what is drawn already: an element whose text has been made visible, in whatever pieces. */
export function setApart(host: HTMLElement): void {
  const parts = stretches(host.textContent ?? '');
  let rest = parts.shift();
  for (const node of textNodes(host)) {
    const pieces: (Node | string)[] = [];
    let text = node.data;
    while (text !== '' && rest !== undefined) {
      const piece = text.slice(0, rest.text.length);
      pieces.push(rest.apart === null ? piece : apartElement(piece, rest.apart));
      text = text.slice(piece.length);
      const left = rest.text.slice(piece.length);
      rest = left === '' ? parts.shift() : { ...rest, text: left };
    }
    node.replaceWith(...pieces);
  }
}

function textNodes(host: HTMLElement): Text[] {
  const walker = document.createTreeWalker(host, NodeFilter.SHOW_TEXT);
  const nodes: Text[] = [];
  while (walker.nextNode()) {
    nodes.push(walker.currentNode as Text);
  }
  return nodes;
}

function apartElement(text: string, apart: 'mark' | 'word'): HTMLElement {
  const element = document.createElement(apart === 'mark' ? 'span' : 'bdi');
  element.className = apart === 'mark' ? MARK_CLASS : '';
  element.textContent = text;
  return element;
}

/** Says why texts are not what they look like; nothing where they are. */
export function HazardNote({ sources }: { sources: readonly string[] }): JSX.Element | null {
  const trans = useTrans();
  const hazards = new Set(sources.flatMap(source => visibleText(source).hazards));
  if (hazards.size === 0) {
    return null;
  }
  return (
    <div className="jp-Copilot-hazards" role="note">
      <b>{trans.__('Look closely.')}</b> {[...hazards].map(each => warning(each, trans)).join(' ')}{' '}
      {trans.__('They are written out below as ⟨…⟩.')}
    </div>
  );
}

function warning(hazard: Hazard, trans: TranslationBundle): string {
  switch (hazard) {
    case 'control':
      return trans.__('It has control characters or line ends that most views do not show.');
    case 'bidi':
      return trans.__('It has characters that change the order in which text is shown.');
    case 'invisible':
      return trans.__('It has characters that cannot be seen.');
    case 'space':
      return trans.__('It has unusual spaces.');
    case 'lookalike':
      return trans.__('It has letters or signs that look like others.');
    case 'combining':
      return trans.__('It has marks that cover other characters.');
    case 'far':
      return trans.__('It has long empty stretches with more behind them.');
  }
}
