import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Plan, ToolRequirement } from '@sheaf/workflow';
import type { Shells } from '../actions/shell.js';
import { EngineError } from '../errors.js';
import { listWork } from './plan-work.js';

const VERSION_TIMEOUT_MS = 10_000;
const VERSION_OUTPUT_BYTES = 64 * 1024;

/**
 * Finds the shells and tools of a plan on the PATH, and asks those with a minimal version for theirs (`tool --version`; the first
 * number with a dot counts). Throws EngineError `requirement.missing`, which names all that is missing.
 */
export async function checkRequirements(
  plan: Plan,
  environment: Readonly<Record<string, string>>,
): Promise<Shells> {
  const path = environment['PATH'] ?? '';
  const shells = Object.create(null) as Record<string, string>;
  const missing: string[] = [];
  for (const shell of listShells(plan)) {
    const found = findTool(shell, path);
    if (found === undefined) missing.push(`${shell} (the shell of a step) is not on the PATH`);
    else shells[shell] = found;
  }
  const problems = await Promise.all(
    plan.requirements.tools.map((tool) => findToolProblem(tool, path, environment)),
  );
  missing.push(...problems.filter((problem) => problem !== undefined));
  if (missing.length > 0) {
    throw new EngineError(
      'requirement.missing',
      `this machine lacks what the workflow needs: ${missing.join('; ')}`,
      {
        hint: 'install what is missing, then run again; nothing was run',
      },
    );
  }
  return shells;
}

/** What runs the shell steps of a plan. */
function listShells(plan: Plan): ReadonlySet<string> {
  const shells = new Set<string>();
  for (const work of listWork(plan)) {
    if (work.kind === 'shell')
      shells.add(typeof work.shell === 'string' ? work.shell : (work.shell[0] ?? ''));
  }
  return shells;
}

/** The first executable file of that name. Relative entries of the PATH are not searched: what they mean depends on the folder. */
function findTool(name: string, path: string): string | undefined {
  for (const folder of path.split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const candidate = `${folder}/${name}`;
    try {
      if (statSync(candidate, { throwIfNoEntry: false })?.isFile() !== true) continue;
      accessSync(candidate, constants.X_OK);
      return join(candidate);
    } catch {
      // Not to be run: the next folder may have one that is.
    }
  }
  return undefined;
}

async function findToolProblem(
  tool: ToolRequirement,
  path: string,
  environment: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const file = findTool(tool.name, path);
  if (file === undefined) return `${tool.name} is not on the PATH`;
  if (tool.minimum === undefined) return undefined;
  const found = findVersion(await askVersion(file, environment));
  if (found === undefined) return `${tool.name} does not say its version, and ${tool.minimum} is needed`;
  return compareVersions(found, tool.minimum) < 0
    ? `${tool.name} is ${found}, and ${tool.minimum} is needed`
    : undefined;
}

/** The first `x.y` or `x.y.z` in a text. */
export function findVersion(text: string): string | undefined {
  return /\d{1,9}\.\d{1,9}(?:\.\d{1,9})?/.exec(text)?.[0];
}

/** Compares dotted numbers; a part that is not there counts as 0. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [left.split('.').map(Number), right.split('.').map(Number)];
  for (let part = 0; part < Math.max(a.length, b.length); part += 1) {
    const difference = (a[part] ?? 0) - (b[part] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

function askVersion(file: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const options = { env: environment, timeout: VERSION_TIMEOUT_MS, maxBuffer: VERSION_OUTPUT_BYTES };
  return new Promise((resolve) => {
    // Some tools say their version on standard error, some exit with 1 after saying it.
    const child = execFile(file, ['--version'], options, (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
    child.stdin?.end();
  });
}
