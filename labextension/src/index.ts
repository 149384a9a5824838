import { agents } from './plugins/agents';
import { changes } from './plugins/changes';
import { commands } from './plugins/commands';
import { completion } from './plugins/completion';
import { copilot } from './plugins/copilot';
import { errors } from './plugins/errors';
import { executor } from './plugins/executor';
import { launcher } from './plugins/launcher';
import { locks } from './plugins/cells/locks';
import { marks } from './plugins/cells/marks';
import { numbers } from './plugins/cells/numbers';
import { notices } from './plugins/notices';
import { page } from './plugins/page';
import { panel } from './plugins/panel';
import { prompt } from './plugins/prompt';
import { review } from './plugins/review';
import { rooms } from './plugins/rooms';
import { status } from './plugins/status';
import { tools } from './plugins/tools';
import { widget } from './plugins/widget';

export { type FrontEndTool, ICopilot } from './tokens';

export default [
  rooms,
  copilot,
  page,
  panel,
  commands,
  launcher,
  agents,
  status,
  notices,
  completion,
  errors,
  marks,
  review,
  changes,
  numbers,
  prompt,
  locks,
  executor,
  tools,
  widget
];
