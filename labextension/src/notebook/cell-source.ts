import type { ICellModel } from '@jupyterlab/cells';

const SOURCE_CHARS = 20_000;

/** A cell's source, cut where it would not fit into a message. */
export function sourceOf(model: ICellModel): string {
  return model.sharedModel.getSource().slice(0, SOURCE_CHARS);
}
