/** All that performing an action takes: no step before that needs any of it. */
export { loadBuiltIn } from './built-in.js';
export { performAction } from './perform.js';
export { loadProjectTool } from './plugins/load-tool.js';
