import { SplitPanel, type Widget } from '@lumino/widgets';

const NARROW_PX = 260;
const COMFORTABLE_PX = 340;

/**
 * Give a sidebar that opens at its least width a comfortable one.
 *
 * Nothing happens when it stands in no split panel, as in Jupyter Notebook, or when a person has made it wider.
 */
export function widen(widget: Widget): void {
  let area = widget;
  while (area.parent !== null && !(area.parent instanceof SplitPanel)) {
    area = area.parent;
  }
  const split = area.parent;
  if (!(split instanceof SplitPanel) || widget.node.offsetWidth > NARROW_PX) {
    return;
  }
  const index = split.widgets.indexOf(area);
  const sizes = split.relativeSizes();
  const rest = 1 - (sizes[index] ?? 0);
  const wanted = COMFORTABLE_PX / split.node.offsetWidth;
  if (wanted < rest) {
    const scale = (1 - wanted) / rest;
    split.setRelativeSizes(sizes.map((size, i) => (i === index ? wanted : size * scale)));
  }
}
