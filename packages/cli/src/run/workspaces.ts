import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeptWorkspace, RunRecords, RunSummary } from '@sheaf/engine';
import { codeOf } from '../frame/errors.js';
import { BUNDLE_NAME, bundlesDir, findBundleRoot } from './bundle-folder.js';

/** What a run left in the state folder of this user. Sizes in bytes. */
export interface Workspace {
  readonly run: RunSummary;
  /** Logs of its steps. */
  readonly logDir: string | undefined;
  /** The folder that its verified bundle was unpacked into; there only while it runs, or when it was killed. */
  readonly bundleRoot: string | undefined;
  /** Folders that were made for its steps to work in. */
  readonly trees: readonly KeptWorkspace[];
  readonly sizeBytes: number;
}

/** Runs that the listing looks at. */
const MAX_RUNS = 10_000;

/** The workspaces that are there, of the newest run first. */
export async function listWorkspaces(engine: RunRecords, stateDir: string): Promise<readonly Workspace[]> {
  const logs = new Set(await namesIn(join(stateDir, 'runs')));
  const bundles = new Set(await namesIn(bundlesDir(stateDir)));
  const trees = (await engine.listWorkspaces()).filter(({ isLeftover }) => !isLeftover);
  const found: Workspace[] = [];
  for (const run of engine.listRuns({ limit: MAX_RUNS })) {
    const logDir = logs.has(run.runId) ? engine.logDir(run.runId) : undefined;
    const bundleRoot = bundles.size > 0 ? findBundle(engine, run, stateDir, bundles) : undefined;
    const own = trees.filter(({ runId }) => runId === run.runId);
    if (logDir === undefined && bundleRoot === undefined && own.length === 0) continue;
    const sizes = await Promise.all([logDir, bundleRoot, ...own.map(({ folder }) => folder)].map(sizeOf));
    found.push({
      run,
      logDir,
      bundleRoot,
      trees: own,
      sizeBytes: sizes.reduce((sum, size) => sum + size, 0),
    });
  }
  return found;
}

/** A bundle or workspace in the state folder that no run can be gone on with from. Size in bytes. */
export interface Leftover {
  readonly kind: 'bundle' | 'workspace';
  readonly path: string;
  readonly sizeBytes: number;
}

/** Between the unpacking of a bundle and the first word of its run in the journal lies less. */
const YOUNG_MS = 60 * 60 * 1000;

/** Workspaces that killed processes left. */
export async function listLeftTrees(
  engine: Pick<RunRecords, 'listWorkspaces'>,
): Promise<readonly Leftover[]> {
  const left = (await engine.listWorkspaces()).filter(({ isLeftover }) => isLeftover);
  return Promise.all(
    left.map(async ({ folder }): Promise<Leftover> => ({
      kind: 'workspace',
      path: folder,
      sizeBytes: await sizeOf(folder),
    })),
  );
}

/**
 * Bundles of processes that were killed before their run was written down, or after it had ended. Those that are younger
 * than an hour may be somebody's who has just begun.
 */
export async function listLeftovers(
  engine: Pick<RunRecords, 'listRuns' | 'getRun'>,
  stateDir: string,
  nowMs: number,
): Promise<readonly Leftover[]> {
  const folder = bundlesDir(stateDir);
  // Before the runs are looked at: what is unpacked from now on is not among them.
  const names = (await namesIn(folder)).filter((name) => BUNDLE_NAME.test(name));
  if (names.length === 0) return [];
  const bundles = new Set(names);
  const runs = engine.listRuns({ limit: MAX_RUNS });
  const named = new Set(runs.map((run) => findBundle(engine, run, stateDir, bundles)));
  const found: Leftover[] = [];
  for (const path of names.map((name) => join(folder, name))) {
    const info = named.has(path) ? undefined : await lstat(path).catch(() => undefined);
    if (info === undefined || nowMs - info.mtimeMs < YOUNG_MS) continue;
    found.push({ kind: 'bundle', path, sizeBytes: await sizeOf(path) });
  }
  return found;
}

/** Removes a workspace, unless somebody goes on with its run just now; then false. The run stays in the history. */
export async function removeWorkspace(engine: RunRecords, workspace: Workspace): Promise<boolean> {
  const paths = [workspace.logDir, workspace.bundleRoot].filter((path) => path !== undefined);
  try {
    for (const tree of workspace.trees) await engine.removeWorkspace(tree);
    await engine.whileIdle(workspace.run.runId, async () => {
      for (const path of paths) await rm(path, { recursive: true, force: true });
    });
    return true;
  } catch (error) {
    if (codeOf(error) === 'run.active') return false;
    throw error;
  }
}

/** Of what ended by itself or was cancelled, the bundle went with the end: only of these a journal has to be read. */
function findBundle(
  engine: Pick<RunRecords, 'getRun'>,
  { runId, status }: RunSummary,
  stateDir: string,
  bundles: ReadonlySet<string>,
): string | undefined {
  if (status !== 'running' && status !== 'interrupted') return undefined;
  const root = findBundleRoot(stateDir, engine.getRun(runId));
  return root !== undefined && bundles.has(root.slice(bundlesDir(stateDir).length + 1)) ? root : undefined;
}

/** A file of a workspace, by its path in it. */
export interface WorkspaceFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** All files below a folder. What vanishes meanwhile is left out. */
export async function listFiles(folder: string): Promise<readonly WorkspaceFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = await Promise.all(
    entries.map(async (entry): Promise<WorkspaceFile | undefined> => {
      const path = join(entry.parentPath, entry.name);
      const info = await lstat(path).catch(() => undefined);
      if (info === undefined || info.isDirectory()) return undefined;
      return { path: path.slice(folder.length + 1), sizeBytes: info.size };
    }),
  );
  return files.filter((file) => file !== undefined).sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function sizeOf(folder: string | undefined): Promise<number> {
  if (folder === undefined) return 0;
  return (await listFiles(folder)).reduce((sum, file) => sum + file.sizeBytes, 0);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
