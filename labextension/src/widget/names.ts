/** What the kernel's half of the panel names in its traits; permanent, because notebooks keep them. */
export const MODULE = 'jupyter-collaborative-copilot';
export const VERSION = '0.1.0';
export const MODEL = 'CopilotPanelModel';
export const VIEW = 'CopilotPanelView';
