import { relative } from 'node:path';
import type { RunRecords, RunResult } from '@sheaf/engine';
import { readTomlDocument, type Plan } from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
import { renderAnnotations, type Annotated } from '../output/annotations.js';
import { findWorkspace } from '../frame/ci.js';
import { describeStepFailure, tailOf } from './failure.js';

/** A definition on disk: its absolute path and its text. */
export interface DefinitionFile {
  readonly path: string;
  readonly text: string;
}

/** Lines of what a step wrote that its annotation has. */
const LINES = 5;

/** Marks each step that failed on the page of the run, at the place in the definition that it is written at. */
export async function annotateFailures(
  context: Context,
  engine: RunRecords,
  { plan, definition }: { readonly plan: Plan; readonly definition?: DefinitionFile | undefined },
  result: RunResult,
): Promise<void> {
  const found: Annotated[] = [];
  for (const [path, ended] of Object.entries(result.steps)) {
    // What failed because of a step in it is told with that one.
    if (ended.status !== 'failed' || ended.reason?.code === 'step.inner_failed') continue;
    const [top = path] = path.split(/[.[]/, 1);
    const isAllowed = plan.steps.find(({ id }) => id === top)?.onFailure === 'continue';
    const { lines } = await tailOf(engine, result.runId, path, LINES);
    found.push({
      severity: isAllowed ? 'warning' : 'error',
      code: 'step.failed',
      message: [`step ${path} failed: ${describeStepFailure(ended)}`, ...lines].join('\n'),
      ...(definition === undefined ? {} : locateStep(context, definition, top)),
    });
  }
  if (found.length > 0) context.ui.mark(renderAnnotations(found));
}

function locateStep(
  { env, cwd }: Pick<Context, 'env' | 'cwd'>,
  { path, text }: DefinitionFile,
  step: string,
): Pick<Annotated, 'file' | 'line' | 'column'> {
  const file = relative(findWorkspace(env) ?? cwd, path);
  if (file.startsWith('..')) return {};
  const read = path.endsWith('.toml') ? readTomlDocument(text) : undefined;
  if (read === undefined || !('document' in read)) return { file };
  return { file, ...read.document.placeOf(['steps', step], 'key') };
}
