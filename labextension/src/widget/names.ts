/** What the kernel's half of the panel names; permanent, because notebooks keep it. */
export const MODULE = 'jupyter-collaborative-copilot';
export const VERSION = '0.1.0';
export const MODEL = 'CopilotPanelModel';
export const VIEW = 'CopilotPanelView';
export const PANEL_MIME = 'application/vnd.jupyter-collaborative-copilot.panel+json';
