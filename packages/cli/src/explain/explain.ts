import { PROBLEMS } from '@sheaf/client/contract';
import { listDiagnosticRules } from '@sheaf/workflow';
import { exitCodeOf, type ExitCode } from '../frame/exit-codes.js';
import { ACTIONS } from './actions.js';
import { BYTES } from './bytes.js';
import type { Explanation } from './explanation.js';
import { MACHINE } from './machine.js';
import { PROJECTS } from './projects.js';
import { PROOFS } from './proofs.js';
import { RUNNING } from './running.js';
import { SIGNERS } from './signers.js';
import { USAGE } from './usage.js';

/** What is known of a code. */
export interface Explained {
  readonly code: string;
  readonly what: string;
  readonly why: string;
  readonly todo: string;
  /** Undefined for a finding in a definition, which by itself ends nothing. */
  readonly exitCode?: ExitCode;
}

/** Codes that arise on this machine, whichever package says them. */
export const LOCAL: ReadonlyMap<string, Explanation> = new Map(
  [ACTIONS, BYTES, MACHINE, PROJECTS, PROOFS, RUNNING, SIGNERS, USAGE].flatMap((table) =>
    Object.entries(table),
  ),
);

/** Every code that any part of sheaf prints, in alphabetical order. */
export function listCodes(): readonly string[] {
  const findings = listDiagnosticRules().map(({ code }) => code);
  return [...new Set([...LOCAL.keys(), ...Object.keys(PROBLEMS), ...findings])].sort();
}

/** What a code stands for; undefined when there is no such code. */
export function findExplanation(code: string): Explained | undefined {
  const local = LOCAL.get(code);
  if (local !== undefined) {
    const [what, why, todo] = local;
    return { code, what, why, todo, exitCode: exitCodeOf({ code, verifying: false, status: undefined }) };
  }
  return findProblem(code) ?? findFinding(code);
}

function findProblem(code: string): Explained | undefined {
  const problem = Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code as keyof typeof PROBLEMS] : undefined;
  if (problem === undefined) return undefined;
  const { status, title, retryable, remedy } = problem;
  const why = `The registry refused it with status ${status}${retryable ? '; it may pass later' : ''}`;
  const exitCode = exitCodeOf({ code, verifying: false, status });
  return { code, what: title, why, todo: remedy.replace(/\.$/, ''), exitCode };
}

function findFinding(code: string): Explained | undefined {
  const rule = listDiagnosticRules().find((each) => each.code === code);
  if (rule === undefined) return undefined;
  return {
    code,
    what: rule.summary,
    why: 'It is a finding in a definition, shown with its place',
    todo: rule.hint,
  };
}
