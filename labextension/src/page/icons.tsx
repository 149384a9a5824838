import {
  addBelowIcon,
  addIcon,
  checkIcon,
  closeIcon,
  copyIcon,
  downloadIcon,
  editIcon,
  LabIcon,
  refreshIcon,
  searchIcon,
  stopIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IconName } from '../ui/shared/services';

const drawing = (path: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">${path}</svg>`;

/** The spark that stands for the copilot everywhere. */
export const copilotIcon = new LabIcon({
  name: 'copilot:spark',
  svgstr: drawing(
    '<path class="jp-icon3" fill="#616161" d="M8 .8c.5 3.9 2.8 6.7 7.2 7.2-4.4.5-6.7 3.3-7.2 7.2C7.5 11.3 5.2 8.5.8 8 5.2 7.5 7.5 4.7 8 .8z"/>'
  )
});

const sendIcon = new LabIcon({
  name: 'copilot:send',
  svgstr: drawing(
    '<path class="jp-icon3" fill="#616161" d="M8 2.6 13 7.6 11.9 8.7 8.75 5.55 8.75 13.4 7.25 13.4 7.25 5.55 4.1 8.7 3 7.600z"/>'
  )
});

const attachIcon = new LabIcon({
  name: 'copilot:attach',
  svgstr: drawing(
    '<path fill="none" stroke="#616161" class="jp-icon-selectable jp-icon3-stroke" stroke-width="1.3" stroke-linecap="round" d="M12.6 7.4 7.9 12.100a2.9 2.9 0 0 1-4.1-4.100l5-5a1.95 1.95 0 0 1 2.75 2.750l-4.9 4.900a1 1 0 0 1-1.4-1.400l4.4-4.4"/>'
  )
});

const ICONS: Record<IconName, LabIcon> = {
  add: addIcon,
  attach: attachIcon,
  check: checkIcon,
  close: closeIcon,
  copilot: copilotIcon,
  copy: copyIcon,
  edit: editIcon,
  insert: addBelowIcon,
  retry: refreshIcon,
  save: downloadIcon,
  search: searchIcon,
  send: sendIcon,
  stop: stopIcon
};

/** An icon as JupyterLab draws it, in the colour of its surroundings. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  const { react: Drawing } = ICONS[name];
  return <Drawing tag="span" className="jp-Copilot-icon" aria-hidden="true" />;
}
