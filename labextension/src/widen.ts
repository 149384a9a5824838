import { SplitPanel, type Widget } from '@lumino/widgets';

const NARROW_PX = 260;
const COMFORTABLE_PX = 340;

/**
 * Give a sidebar that opens at its least width a comfortable one.
 *
 * Nothing happens when it stands in no split panel, as in Jupyter Notebook, or when a person has made it wider.
 */
export function widen(widget: Widget): void {
  const stack = widget.parent;
  const split = stack?.parent;
  if (!stack || !(split instanceof SplitPanel) || widget.node.offsetWidth > NARROW_PX) {
    return;
  }
  const index = split.widgets.indexOf(stack);
  const sizes = split.relativeSizes();
  const own = sizes[index] ?? 0;
  const wanted = COMFORTABLE_PX / split.node.offsetWidth;
  const rest = 1 - own;
  if (index >= 0 && rest > wanted) {
    const scale = (1 - wanted) / rest;
    split.setRelativeSizes(sizes.map((size, i) => (i === index ? wanted : size * scale)));
  }
}
