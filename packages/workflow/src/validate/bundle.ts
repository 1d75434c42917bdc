import { WorkflowError } from '../errors.js';
import { compileGlob, isWithinGlobBudget, MAX_GLOBS, type Glob } from '../glob.js';
import type { WorkflowDefinition } from '../model.js';
import { MAX_FINDINGS, type Finding, type Path } from '../source/tree.js';
import { quote } from '../text.js';
import { listScripts } from '../walk.js';

type List = 'include' | 'executable';

/** Checks the globs, and when the files are known, that globs match and that the bundle's own files a step names are there. */
export function checkBundle(
  definition: WorkflowDefinition,
  files: readonly string[] | undefined,
): readonly Finding[] {
  const findings: Finding[] = [];
  const include = compileList(definition, 'include', findings);
  const executable = compileList(definition, 'executable', findings);
  const { bundle } = definition;
  const isCut = bundle.include.length > MAX_GLOBS || bundle.executable.length > MAX_GLOBS;
  if (files === undefined || isCut) return findings;
  if (
    !isWithinGlobBudget(
      [...include, ...executable].map(({ glob }) => glob),
      files,
    )
  ) {
    const message = `the globs of bundle are too many and too long for ${files.length} files`;
    const hint = 'use fewer and shorter globs: scripts/** takes a whole folder';
    return [...findings, { code: 'bundle.too_complex', message, hint, path: ['bundle'], at: 'key' }];
  }
  findings.push(...findUnmatched(include, files), ...findUnmatched(executable, files));
  findings.push(...checkMentions(definition, files, include));
  return findings;
}

interface ListedGlob {
  readonly glob: string;
  readonly matches: Glob;
  readonly path: Path;
}

/** More globs than the schema allows are not looked at. */
function compileList(definition: WorkflowDefinition, list: List, findings: Finding[]): readonly ListedGlob[] {
  return definition.bundle[list].slice(0, MAX_GLOBS).flatMap((glob, at) => {
    const path = ['bundle', list, at];
    try {
      const matches = compileGlob(glob);
      const folder = glob.split('/').find((segment) => VERSION_CONTROL.test(segment));
      if (folder === undefined) return [{ glob, matches, path }];
      findings.push({
        code: 'bundle.version_control',
        message: `a bundle must not hold ${quote(folder)}: its settings can name programs that run`,
        hint: 'leave out what belongs to version control',
        path,
      });
    } catch (error) {
      if (!(error instanceof WorkflowError)) throw error;
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      findings.push({ code: 'glob.invalid', message: error.message, path, ...hint });
    }
    return [];
  });
}

/** Told early for the author's sake; the archive refuses every spelling of them. */
const VERSION_CONTROL = /^\.(?:git|hg|jj|svn|bzr)$/i;

function findUnmatched(globs: readonly ListedGlob[], files: readonly string[]): readonly Finding[] {
  return globs.flatMap(({ glob, matches, path }) =>
    files.some(matches)
      ? []
      : [
          {
            severity: 'warning',
            code: 'bundle.glob_unmatched',
            message: `${quote(glob)} matches no file`,
            path,
          },
        ],
  );
}

/**
 * Paths under `$SHEAF_BUNDLE` that are written out in full. What goes on with a variable, a glob or an escape is not decided here, nor
 * what stands in a comment.
 */
const MENTION =
  /\$(?:SHEAF_BUNDLE|\{SHEAF_BUNDLE\})"?\/([A-Za-z0-9_.@+-]+(?:\/[A-Za-z0-9_.@+-]+)*)(?=$|[\s"';&|)<>`])/gm;
const TEST_BEFORE = /(?:\[|\btest)\s+(?:!\s+)?-[a-z]\s+"?$/;

function checkMentions(
  definition: WorkflowDefinition,
  files: readonly string[],
  include: readonly ListedGlob[],
): readonly Finding[] {
  const known = new Set(files);
  const folders = new Set(files.flatMap(foldersOf));
  const included = new Map<string, boolean>();
  const findings: Finding[] = [];
  for (const { run, path, interpreter } of listScripts(definition)) {
    // Only a shell puts the folder in the place of its variable.
    if (interpreter !== undefined) continue;
    for (const match of run.matchAll(MENTION)) {
      if (findings.length >= MAX_FINDINGS) return findings;
      const file = match[1] ?? '';
      if (run[match.index - 1] === '\\' || isUndecided(run, match.index) || folders.has(file)) continue;
      if (known.has(file) && isIncluded(file, include, included)) continue;
      findings.push({
        code: 'bundle.file_missing',
        message: known.has(file)
          ? `the file ${quote(file)} is not in the bundle`
          : `there is no file ${quote(file)}`,
        hint: known.has(file)
          ? 'add it to [bundle] include'
          : 'paths after $SHEAF_BUNDLE begin at the folder of the definition',
        path,
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

function isIncluded(file: string, include: readonly ListedGlob[], decided: Map<string, boolean>): boolean {
  const before = decided.get(file);
  if (before !== undefined) return before;
  const verdict = ALWAYS.test(file) || include.some(({ matches }) => matches(file));
  decided.set(file, verdict);
  return verdict;
}
