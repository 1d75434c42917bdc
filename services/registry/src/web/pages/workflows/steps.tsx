import type {
  JsonValue,
  Step,
  StepGraph,
  StepNode,
  Templates,
  Work,
  WorkflowDefinition,
} from '@sheaf/workflow';
import { Foreign, visible } from '../../components/foreign.js';
import { Badge } from '../../components/state-badge.js';
import type { Release } from '../../release/load-release.js';
import { ReleaseHead } from './release-head.js';

export interface StepsProps {
  readonly release: Release;
  readonly graph: StepGraph;
  readonly definition: WorkflowDefinition;
}

/** What runs, and in which order: every step with what it waits for, what it may take, and its very words. */
export function StepsPage({ release, graph, definition }: StepsProps) {
  return (
    <>
      <ReleaseHead release={release} here="steps" />
      <section aria-labelledby="in-order">
        <h2 id="in-order">In this order</h2>
        <p class="muted">Steps that do not wait for each other run at the same time.</p>
        <StepList nodes={graph.steps} steps={definition.steps} path="" />
      </section>
      {graph.catch.length > 0 && (
        <section aria-labelledby="after-a-failure">
          <h2 id="after-a-failure">After a failure</h2>
          <StepList
            nodes={graph.catch}
            steps={Object.fromEntries(definition.catch.map((step) => [step.id, step]))}
            path="catch."
          />
        </section>
      )}
    </>
  );
}

function StepList({
  nodes,
  steps,
  path,
}: {
  nodes: readonly StepNode[];
  steps: Readonly<Record<string, Step>>;
  path: string;
}) {
  return (
    <ol class="plain steps">
      {nodes.map((node) => {
        const step = Object.hasOwn(steps, node.id) ? steps[node.id] : undefined;
        return step && <StepItem key={node.id} node={node} step={step} path={`${path}${node.id}`} />;
      })}
    </ol>
  );
}

function StepItem({ node, step, path }: { node: StepNode; step: Step; path: string }) {
  const { work } = step;
  return (
    <li id={`step-${path}`} class="step">
      <p class="step-name">
        <code>{node.id}</code> <span class="muted">{kindOf(work)}</span>{' '}
        {node.each !== undefined && <Badge>once for each {visible(node.each, 64)}</Badge>}
        {node.mayFail && <Badge>may fail</Badge>}
      </p>
      <dl class="terms">
        {node.needs.length > 0 && (
          <div>
            <dt>after</dt>
            <dd>{node.needs.join(', ')}</dd>
          </div>
        )}
        <Term name="only when" text={step.when} />
        <Term name="for each of" text={step.foreach?.items} />
        {step.retry !== undefined && (
          <div>
            <dt>tried</dt>
            <dd>up to {step.retry.attempts} times</dd>
          </div>
        )}
        {step.timeoutMs !== undefined && (
          <div>
            <dt>stopped after</dt>
            <dd>{step.timeoutMs / 1000} s</dd>
          </div>
        )}
        <Values name="environment" values={step.env} />
        {'with' in work && <Values name="with" values={work.with} />}
      </dl>
      <WhatItRuns work={work} />
      {node.steps !== undefined && work.kind === 'block' && (
        <StepList nodes={node.steps} steps={work.steps} path={`${path}.`} />
      )}
    </li>
  );
}

function kindOf(work: Work): string {
  switch (work.kind) {
    case 'shell':
      return typeof work.shell === 'string' || work.shell === undefined
        ? (work.shell ?? 'shell')
        : visible(work.shell.join(' '), 100);
    case 'script':
      return 'JavaScript, in a sandbox';
    case 'action':
      return `uses ${visible(work.uses, 100)}`;
    case 'wait':
      return 'waits';
    case 'await_event':
      return `waits for an event from ${visible(work.source, 64)}`;
    case 'block':
      return 'several steps';
  }
}

function WhatItRuns({ work }: { work: Work }) {
  const text = work.kind === 'shell' ? work.run : work.kind === 'script' ? work.script : undefined;
  if (text === undefined) return null;
  return (
    <pre tabIndex={0} aria-label="what it runs">
      <code>{showLines(text)}</code>
    </pre>
  );
}

/** Everything of it, as nobody may be shown less than what runs; each line kept from hiding anything. */
function showLines(text: string): string {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => visible(line.replaceAll('\t', '    '), line.length))
    .join('\n');
}

function Term({ name, text }: { name: string; text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code>
          <Foreign text={text} maxLength={1000} />
        </code>
      </dd>
    </div>
  );
}

function Values({ name, values }: { name: string; values: Templates }) {
  const entries = Object.entries<JsonValue>(values);
  if (entries.length === 0) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <ul class="plain">
          {entries.map(([key, value]) => (
            <li key={key}>
              <code>
                <Foreign
                  text={`${key} = ${typeof value === 'string' ? value : JSON.stringify(value)}`}
                  maxLength={1000}
                />
              </code>
            </li>
          ))}
        </ul>
      </dd>
    </div>
  );
}
