import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readServerFile, readToolFile, type Tool, type ToolServer } from '@sheaf/workflow';
import type { PluginFile } from './module-plugin.js';

/** A tool and the file that declares it. */
export interface ProjectTool {
  readonly tool: Tool;
  /** Absolute. */
  readonly file: string;
}

/** A server of tools and the file that declares it. */
export interface ProjectServer {
  readonly server: ToolServer;
  /** Absolute. */
  readonly file: string;
}

/** What an engine may use of a project. */
export interface EngineTools {
  readonly tools: readonly ProjectTool[];
  /** Has somebody agreed to run this very file in the engine's own process? */
  readonly isTrusted: (plugin: PluginFile) => boolean;
}

/** A file in the folder of tools that declares none. */
export interface ToolProblem {
  readonly file: string;
  readonly message: string;
}

export interface ProjectTools {
  /** Sorted by name; none has the name of another. */
  readonly tools: readonly ProjectTool[];
  /** Sorted by name; none has the name of another. Steps that use one are planned as `mcp`, so that an engine needs none of them. */
  readonly servers: readonly ProjectServer[];
  readonly problems: readonly ToolProblem[];
}

/** The folder of a project in which tools are declared. */
export const TOOLS_FOLDER = 'tools';
const MAX_FILES = 500;
const MAX_BYTES = 1_048_576;

/** Reads `tools/*.json` of a project; a project without that folder has none. Nothing of a tool runs, and no server is asked. */
export async function readProjectTools(projectDir: string): Promise<ProjectTools> {
  const folder = join(projectDir, TOOLS_FOLDER);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  const found = new Map<string, ProjectTool>();
  const servers = new Map<string, ProjectServer>();
  const problems: ToolProblem[] = [];
  if (names.length > MAX_FILES)
    problems.push({ file: folder, message: `it has more than ${MAX_FILES} files` });
  for (const name of names.slice(0, MAX_FILES)) {
    const file = join(folder, name);
    const read = await readFileOfTool(file, `${TOOLS_FOLDER}/${name}`);
    // Other JSON may lie in a folder of this name: what does not say that it is a tool is none.
    if (read === undefined) continue;
    if ('problems' in read) problems.push(...read.problems.map((message) => ({ file, message })));
    else if ('server' in read) {
      const { server } = read;
      const other = servers.get(server.name);
      if (other === undefined) servers.set(server.name, { server, file });
      else problems.push({ file, message: `${server.name} is also the name of the server in ${other.file}` });
    } else {
      const other = found.get(read.tool.manifest.name);
      if (other === undefined) found.set(read.tool.manifest.name, { tool: read.tool, file });
      else
        problems.push({
          file,
          message: `${read.tool.manifest.name} is also the name of the tool in ${other.file}`,
        });
    }
  }
  const tools = [...found.values()].sort((a, b) => (a.tool.manifest.name < b.tool.manifest.name ? -1 : 1));
  return {
    tools,
    servers: [...servers.values()].sort((a, b) => (a.server.name < b.server.name ? -1 : 1)),
    problems,
  };
}

async function readFileOfTool(
  file: string,
  shown: string,
): Promise<ReturnType<typeof readToolFile | typeof readServerFile> | undefined> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) return undefined;
    const text = await readFile(file, 'utf8');
    if (text.includes('"sheaf.mcp/')) return readServerFile(text, shown);
    return text.includes('"sheaf.tool/') ? readToolFile(text, shown) : undefined;
  } catch {
    return { problems: ['it cannot be read'] };
  }
}
