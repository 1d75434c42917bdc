import { BUILT_IN_ACTIONS } from '../actions/catalogue.js';
import type { ActionManifest } from '../actions/manifest.js';
import type { CelType } from '../expression/types.js';
import type { Step, Work, WorkflowDefinition } from '../model.js';
import { MAX_FINDINGS, type Finding, type Path, type RelatedFinding } from '../source/tree.js';
import { quote, tick } from '../text.js';
import { findUsed, type Surroundings, type Used } from '../uses.js';
import { listSteps } from '../walk.js';
import { checkInputs } from './inputs.js';
import { definitionOf } from './related.js';
import type { TemplateAnalysis } from './templates.js';
import { checkUsedPermissions } from './used-permissions.js';

interface UseContext {
  readonly definition: WorkflowDefinition;
  readonly around: Surroundings;
  readonly given: TemplateAnalysis['given'];
  readonly used: Set<string>;
}

/** Checks what steps use: that it is there, what it is given, and what it may touch; and that nothing is declared for no one. */
export function checkUses(
  definition: WorkflowDefinition,
  around: Surroundings,
  { given }: TemplateAnalysis,
): readonly Finding[] {
  const context: UseContext = { definition, around, given, used: new Set() };
  const findings: Finding[] = [];
  for (const [name, { work }] of Object.entries(definition.actions)) {
    if (work.kind !== 'action') continue;
    const used = find(work, context);
    if (used.kind === 'template') findings.push(nested(used.name, ['actions', name, 'uses']));
    else findings.push(...checkUse(work, ['actions', name], context));
  }
  for (const { step, path } of listSteps(definition)) {
    if (findings.length >= MAX_FINDINGS) return findings;
    if (step.work.kind !== 'action') continue;
    findings.push(...checkUse(step.work, path, context), ...checkOptions(step, path, context));
  }
  return [...findings, ...listUnused(definition, context.used)];
}

function find({ uses }: Extract<Work, { kind: 'action' }>, { definition, around }: UseContext): Used {
  return findUsed(uses, definition, around.catalogue ?? BUILT_IN_ACTIONS);
}

function checkUse(
  work: Extract<Work, { kind: 'action' }>,
  path: Path,
  context: UseContext,
): readonly Finding[] {
  const { definition, around } = context;
  if (work.uses === '') return [];
  const used = find(work, context);
  if (used.kind === 'unknown') return [unknown(work.uses, used.near, path, context)];
  if (used.kind === 'ambiguous') return [ambiguous(work.uses, used.candidates, path)];
  context.used.add(`${used.kind} ${used.name}`);
  return [
    ...(used.kind === 'action' ? checkDeprecated(used.manifest, path) : []),
    ...checkGiven(work, used, path, context),
    ...checkUsedPermissions(used, work.with, path, definition, around),
  ];
}

/** A workflow brings its own: what a step says of its process would be said of none. */
function checkOptions(step: Step, path: Path, context: UseContext): readonly Finding[] {
  if (step.work.kind !== 'action') return [];
  if (find(step.work, context).kind !== 'workflow') return [];
  const keys = [
    ...(Object.keys(step.env).length > 0 ? ['env'] : []),
    ...(step.cache === undefined ? [] : ['cache']),
    ...(step.resources === undefined ? [] : ['resources']),
  ];
  return keys.map((key) => ({
    code: 'step.option',
    message: `${tick(key)} does not go with a workflow`,
    hint: key === 'env' ? 'give it parameters in `with`' : 'remove it: its own steps say it',
    path: [...path, key],
    at: 'key',
    related: [{ path: [...path, 'uses'], label: 'the workflow' }],
  }));
}

function checkGiven(
  work: Extract<Work, { kind: 'action' }>,
  used: Used,
  path: Path,
  { given, around }: UseContext,
): readonly Finding[] {
  const types = given.get(work) ?? new Map<string, CelType>();
  switch (used.kind) {
    case 'template': {
      const declared = (name: string): RelatedFinding => ({
        path: ['actions', used.name, 'inputs', name],
        at: 'key',
        label: 'declared here',
      });
      return checkInputs(work.with, used.template, types, { what: used.name, path, declared });
    }
    case 'action':
      return checkInputs(work.with, used.manifest, types, { what: used.name, path, declared: undefined });
    case 'workflow': {
      const inner = around.workflows?.(used.name, used.range)?.definition;
      if (inner === undefined) return [];
      const place = { what: used.name, path, declared: undefined };
      return checkInputs(work.with, { inputs: inner.parameters }, types, place);
    }
    default:
      return [];
  }
}

function unknown(uses: string, near: string | undefined, path: Path, { definition }: UseContext): Finding {
  const table = ['actions', 'dependencies'].find((key) =>
    Object.hasOwn(key === 'actions' ? definition.actions : definition.dependencies, near ?? ''),
  );
  const hint =
    near !== undefined
      ? `did you mean ${tick(near)}?`
      : uses.includes('/')
        ? `add it to [dependencies]: ${quote(uses)} = "^1"`
        : '`sheaf tools` lists the actions; one of your own stands under [actions]';
  return {
    code: 'action.unknown',
    message: `nothing that can be used is called ${tick(uses)}`,
    label: 'no action, and no workflow of [dependencies]',
    hint,
    path: [...path, 'uses'],
    about: `action ${uses}`,
    ...(near === undefined || table === undefined ? {} : { related: [definitionOf([table, near])] }),
  };
}

function ambiguous(uses: string, candidates: readonly string[], path: Path): Finding {
  return {
    code: 'action.ambiguous',
    message: `${tick(uses)} is offered by more than one`,
    hint: `say which: ${candidates.map((name) => tick(name)).join(' or ')}`,
    path: [...path, 'uses'],
  };
}

function nested(uses: string, path: Path): Finding {
  return {
    code: 'action.nested',
    message: `one of [actions] cannot use another, ${tick(uses)}`,
    path,
    related: [definitionOf(['actions', uses])],
  };
}

function checkDeprecated({ name, deprecated }: ActionManifest, path: Path): readonly Finding[] {
  if (deprecated === undefined) return [];
  return [
    {
      severity: 'warning',
      code: 'action.deprecated',
      message: `${tick(name)} is deprecated since ${deprecated.since}: ${deprecated.reason}`,
      hint: deprecated.use === undefined ? 'do without it' : `use ${tick(deprecated.use)} instead`,
      path: [...path, 'uses'],
    },
  ];
}

function listUnused(definition: WorkflowDefinition, used: ReadonlySet<string>): readonly Finding[] {
  const actions = Object.keys(definition.actions).filter((name) => !used.has(`template ${name}`));
  const workflows = Object.keys(definition.dependencies).filter((id) => !used.has(`workflow ${id}`));
  return [
    ...actions.map((name) => ({
      severity: 'warning' as const,
      code: 'action.unused' as const,
      message: `no step uses the action ${tick(name)}`,
      path: ['actions', name],
      at: 'key' as const,
    })),
    ...workflows.map((id) => ({
      severity: 'warning' as const,
      code: 'dependency.unused' as const,
      message: `no step uses the workflow ${tick(id)}`,
      path: ['dependencies', id],
      at: 'key' as const,
    })),
  ];
}
