const REFERENCE = /\b[Cc]ell \d+\b|\b[Cc]ells \d+(?:(?:, and |, | and |–|-)\d+)*\b/g;
const NUMBER = /\d+/g;

/** A mention of a cell by its number, and how the text puts it. */
export interface CellReference {
  label: string;
  number: number;
}

/** Text split at its mentions of cells: "cell 4" is one, "cells 2 and 3" are two. */
export function cellReferences(text: string): (string | CellReference)[] {
  const parts: (string | CellReference)[] = [];
  let from = 0;
  const add = (start: number, label: string) => {
    const number = Number(label.match(NUMBER)?.[0]);
    parts.push(text.slice(from, start), { label, number });
    from = start + label.length;
  };
  for (const { 0: found, index } of text.matchAll(REFERENCE)) {
    if (/^[Cc]ell /.test(found)) {
      add(index, found);
    } else {
      for (const number of found.matchAll(NUMBER)) {
        add(index + number.index, number[0]);
      }
    }
  }
  parts.push(text.slice(from));
  return parts.filter(part => part !== '');
}
