import { WorkflowError } from '../errors.js';
import { compileGlob, type Glob } from '../glob.js';
import type { WorkflowDefinition } from '../model.js';
import { MAX_FINDINGS, type Finding } from '../source/tree.js';
import { quote } from '../text.js';

type List = 'include' | 'executable';

/** Checks the globs, and when the files are known, that globs match and that the bundle's own files a step names are there. */
export function checkBundle(
  definition: WorkflowDefinition,
  files: readonly string[] | undefined,
): readonly Finding[] {
  const findings: Finding[] = [];
  const include = compileList(definition, 'include', files, findings);
  compileList(definition, 'executable', files, findings);
  if (files !== undefined) findings.push(...checkMentions(definition, files, include));
  return findings;
}

function compileList(
  definition: WorkflowDefinition,
  list: List,
  files: readonly string[] | undefined,
  findings: Finding[],
): readonly Glob[] {
  return definition.bundle[list].flatMap((glob, at) => {
    const path = ['bundle', list, at];
    try {
      const matches = compileGlob(glob);
      if (files !== undefined && !files.some(matches)) {
        const message = `${quote(glob)} matches no file`;
        findings.push({ severity: 'warning', code: 'bundle.glob_unmatched', message, path });
      }
      return [matches];
    } catch (error) {
      if (!(error instanceof WorkflowError)) throw error;
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      findings.push({ code: 'glob.invalid', message: error.message, path, ...hint });
      return [];
    }
  });
}

/**
 * Paths under `$SHEAF_BUNDLE` that are written out in full. What goes on with a variable, a glob or an escape is not decided here, nor
 * what stands in a comment.
 */
const MENTION =
  /(\\*)\$(?:SHEAF_BUNDLE|\{SHEAF_BUNDLE\})"?\/([A-Za-z0-9_.@+-]+(?:\/[A-Za-z0-9_.@+-]+)*)(?=$|[\s"';&|)<>`])/gm;
const TEST_BEFORE = /(?:\[|\btest)\s+(?:!\s+)?-[a-z]\s+"?$/;

function checkMentions(
  definition: WorkflowDefinition,
  files: readonly string[],
  include: readonly Glob[],
): readonly Finding[] {
  const known = new Set(files);
  const folders = new Set(files.flatMap(foldersOf));
  const findings: Finding[] = [];
  for (const step of Object.values(definition.steps)) {
    for (const match of step.run.matchAll(MENTION)) {
      if (findings.length >= MAX_FINDINGS) return findings;
      const file = match[2] ?? '';
      if (match[1] !== '' || isUndecided(step.run, match.index) || folders.has(file)) continue;
      if (known.has(file) && isIncluded(file, include)) continue;
      findings.push({
        code: 'bundle.file_missing',
        message: known.has(file)
          ? `the file ${quote(file)} is not in the bundle`
          : `there is no file ${quote(file)}`,
        hint: known.has(file)
          ? 'add it to [bundle] include'
          : 'paths after $SHEAF_BUNDLE begin at the folder of the definition',
        path: ['steps', step.id, 'run'],
        within: { start: match.index, end: match.index + match[0].length },
      });
    }
  }
  return findings;
}

/** Does the line before a mention make it a comment or a question? Looks back 300 characters. */
function isUndecided(run: string, at: number): boolean {
  const near = run.slice(Math.max(0, at - 300), at);
  const line = near.slice(near.lastIndexOf('\n') + 1);
  return line.trimStart().startsWith('#') || TEST_BEFORE.test(line);
}

function foldersOf(path: string): readonly string[] {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, depth) => segments.slice(0, depth + 1).join('/'));
}

/** These are in every bundle where they exist. */
const ALWAYS = /^(?:workflow\.(?:toml|yaml)|README\.md|LICENSE)$/;

function isIncluded(file: string, include: readonly Glob[]): boolean {
  return ALWAYS.test(file) || include.some((matches) => matches(file));
}
