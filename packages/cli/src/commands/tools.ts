import { findPluginFile, type PluginFile, type ProjectTool } from '@sheaf/engine';
import { resolveUses, type ActionManifest } from '@sheaf/workflow';
import { defineCommand } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { ToolsJson } from '../json/tools.js';
import { renderTool, renderTools, toolsJson } from '../output/tools.js';
import { DOTENV_FLAG, secretsOf } from '../secrets/run-source.js';
import { shellWord } from '../terminal/shell.js';
import { allowPlugin } from '../tools/allowed.js';
import { catalogueOf, toolsOf } from '../tools/project-tools.js';
import type { ToolList } from '../tools/tool-list.js';

export const command = defineCommand<ToolList, ToolsJson>({
  name: 'tools',
  about:
    'List what steps can use: the actions that are built in, those that tools/*.json of the project declare, and the tools of its servers.',
  positionals: { names: ['NAME'], required: 0, completes: [[]] },
  flags: [
    {
      name: 'allow',
      summary: 'let the module of this tool run in the engine, with all your rights, as it stands now',
    },
    {
      name: 'mcp',
      value: 'SERVER',
      summary: 'start or reach this server of the project, and list the tools that it has',
    },
    DOTENV_FLAG,
    {
      name: 'save',
      summary: 'with --mcp: write them to the file of the server, which steps are checked against',
    },
  ],
  examples: ['sheaf tools', 'sheaf tools core.template', 'sheaf tools --mcp github --save'],
  exitCodes: [0, 1, 2, 4, 6, 7],
  run: async (context, input) => {
    const project = await toolsOf(context.cwd);
    const all = catalogueOf(project);
    const [name] = input.positionals;
    const server = input.get('mcp');
    if (server !== undefined) {
      if (name !== undefined || input.has('allow'))
        throw new CliError('usage.exclusive_flags', '--mcp goes with no NAME and no --allow', {
          hint: `sheaf tools --mcp ${shellWord(server)}`,
        });
      const { askServer } = await import('../tools/ask-server.js');
      const found = await askServer(context, project, {
        name: server,
        save: input.has('save'),
        secrets: await secretsOf(context, input),
      });
      return { data: { ...found, project: { ...project, problems: [] }, isOne: false } };
    }
    if (name === undefined) {
      if (input.has('allow'))
        throw new CliError('usage.tool', 'which tool is to be allowed?', {
          hint: 'sheaf tools NAME --allow',
        });
      const manifests = Object.values(all).sort((a, b) => (a.name < b.name ? -1 : 1));
      return { data: { manifests, project, isOne: false }, exitCode: project.problems.length === 0 ? 0 : 7 };
    }
    const used = resolveUses(name, { templates: [], catalogue: all, workflows: [] });
    if (used.kind !== 'action') {
      throw new CliError('tool.not_found', `there is no action ${JSON.stringify(name)}`, {
        hint:
          used.kind === 'unknown' && used.near !== undefined
            ? `sheaf tools ${used.near}`
            : 'sheaf tools  lists them',
      });
    }
    const data = { manifests: [used.manifest], project: { ...project, problems: [] }, isOne: true };
    if (!input.has('allow')) return { data };
    return { data: { ...data, allowed: await allow(context, used.manifest, project.tools) } };
  },
  toJson: toolsJson,
  render: (data, look) => (data.isOne ? renderTool(data, look) : renderTools(data, look)),
});

async function allow(
  context: Context,
  { name }: ActionManifest,
  tools: readonly ProjectTool[],
): Promise<PluginFile> {
  const found = tools.find(({ tool }) => tool.manifest.name === name);
  if (found?.tool.work.kind !== 'module') {
    throw new CliError('usage.tool', `${name} is no module: it runs without being allowed`, {
      hint: `sheaf tools ${name}`,
    });
  }
  const { manifest, work } = found.tool;
  const plugin = await findPluginFile({ manifest, work }, found.file);
  await allowPlugin(context, plugin);
  return plugin;
}
