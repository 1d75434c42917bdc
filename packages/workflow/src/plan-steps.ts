import { BUILT_IN_ACTIONS, findAction } from './actions/catalogue.js';
import type { ActionCall, ActionInput, Catalogue } from './actions/manifest.js';
import { WorkflowError } from './errors.js';
import type {
  ActionTemplate,
  JsonValue,
  Step,
  Templates,
  ToolRequirement,
  Work,
  WorkflowDefinition,
} from './model.js';
import { orderSteps } from './plan-order.js';
import type { Plan, PlanOptions, PlanStep, PlanWork, SubPlan } from './plan-model.js';
import { mapTable, optional } from './tables.js';
import { quote, tick } from './text.js';
import { findUsed } from './uses.js';
import { analyseTemplates, type TemplateAnalysis } from './validate/templates.js';

/** What the steps of one workflow are planned with. */
export interface PlanContext {
  readonly definition: WorkflowDefinition;
  readonly catalogue: Catalogue;
  readonly reads: TemplateAnalysis['steps'];
  readonly find: PlanOptions['workflows'];
  /** Filled while planning, also for the workflows that are used. */
  readonly used: Record<string, SubPlan>;
  readonly tools: ToolRequirement[];
  /** The workflows on the way to this one, itself last. */
  readonly within: readonly string[];
}

/** Deeper nesting of workflows is a mistake. */
const MAX_WORKFLOW_DEPTH = 16;

/** All that a workflow has of what runs, with its reusable steps put in. */
export function planSteps(context: PlanContext): Pick<Plan, 'steps' | 'outputs' | 'artifacts' | 'catch'> {
  const { definition } = context;
  return {
    steps: planScope(definition.steps, context),
    outputs: definition.outputs,
    artifacts: definition.artifacts,
    catch: definition.catch.map((step, at) => {
      const before = definition.catch[at - 1];
      return planStep(step, before === undefined ? [] : [before.id], context);
    }),
  };
}

function planScope(steps: Readonly<Record<string, Step>>, context: PlanContext): readonly PlanStep[] {
  return orderSteps(steps, context.reads).map(({ step, needs }) => planStep(step, needs, context));
}

function planStep(step: Step, needs: readonly string[], context: PlanContext): PlanStep {
  const template = findTemplate(step.work, context);
  const filled = template === undefined ? step : fillTemplate(template, step);
  const inputs =
    template === undefined || step.work.kind !== 'action'
      ? undefined
      : addDefaults(step.work.with, template.inputs);
  return {
    id: step.id,
    needs,
    ...optional('when', step.when),
    ...optional('inputs', inputs),
    env: filled.env,
    ...optional('timeoutMs', filled.timeoutMs),
    ...optional('retry', filled.retry),
    onFailure: step.onFailure,
    ...optional('foreach', step.foreach),
    ...optional('cache', step.cache),
    ...optional('resources', step.resources),
    work: planWork(filled.work, context),
  };
}

function findTemplate(work: Work, { definition, catalogue }: PlanContext): ActionTemplate | undefined {
  if (work.kind !== 'action') return undefined;
  const used = findUsed(work.uses, definition, catalogue);
  return used.kind === 'template' ? used.template : undefined;
}

/** What the step says itself wins; of a script that takes nothing else, the inputs are its input. */
function fillTemplate(
  template: ActionTemplate,
  step: Step,
): Pick<Step, 'env' | 'timeoutMs' | 'retry' | 'work'> {
  const { work } = template;
  const isBare = work.kind === 'script' && Object.keys(work.with).length === 0;
  return {
    env: Object.assign(Object.create(null), template.env, step.env) as Step['env'],
    ...optional('timeoutMs', step.timeoutMs ?? template.timeoutMs),
    ...optional('retry', step.retry ?? template.retry),
    work: isBare
      ? { ...work, with: mapTable(template.inputs, (_, name) => `\${{ inputs[${JSON.stringify(name)}] }}`) }
      : work,
  };
}

function planWork(work: Work, context: PlanContext): PlanWork {
  switch (work.kind) {
    case 'shell':
      return { kind: 'shell', run: work.run, shell: work.shell ?? 'bash' };
    case 'script':
      return { kind: 'script', script: work.script, with: work.with };
    case 'wait':
    case 'await_event':
      return work;
    case 'block':
      return { kind: 'block', steps: planScope(work.steps, context) };
    case 'action':
      return planAction(work.uses, work.with, context);
  }
}

function planAction(uses: string, given: Templates, context: PlanContext): PlanWork {
  const { definition, catalogue } = context;
  const used = findUsed(uses, definition, catalogue);
  if (used.kind === 'action') {
    const { name, version, inputs, call } = used.manifest;
    if (call !== undefined) return planCall(call, given);
    return { kind: 'action', action: name, version, with: addDefaults(given, inputs) };
  }
  if (used.kind !== 'workflow') {
    throw new WorkflowError('plan.action', `no action is called ${tick(uses)}`, {
      hint: 'validate the definition first',
    });
  }
  return {
    kind: 'workflow',
    workflow: planWorkflow(used.name, used.range, context),
    with: given,
  };
}

/** What only stands for another action is planned as that one, with all that it does to be seen. */
function planCall(call: ActionCall, given: Templates): PlanWork {
  const manifest = findAction(BUILT_IN_ACTIONS, call.action);
  if (manifest === undefined) throw new TypeError(`no action ${call.action}`);
  const { name, version, inputs } = manifest;
  const own = { ...mapTable(call.with, literal), [call.under]: given };
  return { kind: 'action', action: name, version, with: addDefaults(own, inputs) };
}

/** Plans a workflow that is used, once, and gives its key. */
function planWorkflow(id: string, range: string, context: PlanContext): string {
  if (context.find === undefined) return `${id}@${range}`;
  const found = context.find(id, range);
  if (found === undefined) {
    throw new WorkflowError('plan.workflow', `the workflow ${quote(id)} that a step uses is not at hand`, {
      hint: `fetch it: sheaf add ${id}@${range}`,
    });
  }
  const { definition, digest } = found;
  const key = `${definition.id}@${definition.version}`;
  if (context.within.includes(definition.id) || context.within.length > MAX_WORKFLOW_DEPTH) {
    const way = [...context.within, definition.id].join(' → ');
    throw new WorkflowError('plan.workflow', `workflows use each other without end: ${way}`, {
      hint: 'take one of them out of the circle',
    });
  }
  const same = Object.hasOwn(context.used, key) ? context.used[key] : undefined;
  if (same !== undefined) {
    if (same.digest === digest) return key;
    throw new WorkflowError('plan.workflow', `two different workflows are called ${key}`, {
      hint: 'they come from two registries: use one of them under another name',
    });
  }
  const find = found.workflows ?? context.find;
  const inner: PlanContext = {
    ...context,
    definition,
    reads: analyseTemplates(definition, { catalogue: context.catalogue, workflows: find }).steps,
    find,
    within: [...context.within, definition.id],
  };
  const steps = planSteps(inner);
  context.tools.push(...definition.requirements.tools.filter((tool) => !hasTool(context.tools, tool)));
  context.used[key] = {
    workflow: { id: definition.id, version: definition.version },
    ...optional('digest', digest),
    parameters: definition.parameters,
    permissions: definition.permissions,
    ...steps,
  };
  return key;
}

function hasTool(tools: readonly ToolRequirement[], { name, minimum }: ToolRequirement): boolean {
  return tools.some((tool) => tool.name === name && (minimum === undefined || tool.minimum === minimum));
}

/** Adds what was not given and has a default; a default is no template. */
function addDefaults(given: Templates, inputs: Readonly<Record<string, ActionInput>>): Templates {
  const all = Object.assign(Object.create(null), given) as Record<string, JsonValue>;
  for (const [name, input] of Object.entries(inputs)) {
    if (!Object.hasOwn(all, name) && input.default !== undefined) all[name] = literal(input.default);
  }
  return all;
}

/** A value as templates that evaluate to it. */
function literal(value: JsonValue): JsonValue {
  return mapTexts(value, (text) => (text.includes('${{') ? `\${{ ${JSON.stringify(text)} }}` : text));
}

function mapTexts(value: JsonValue, convert: (text: string) => string): JsonValue {
  if (typeof value === 'string') return convert(value);
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => mapTexts(item, convert));
  if (typeof value !== 'object' || value === null) return value;
  return mapTable(value as Templates, (item) => mapTexts(item, convert));
}
