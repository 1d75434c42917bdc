import { listStepGraph, type WorkflowDefinition } from '@sheaf/workflow';
import { jsonWithoutCommands } from '../frame/ci.js';
import { defineCommand, schemaName } from '../frame/command.js';
import type { GraphJson } from '../json/graph.js';
import { renderDot, renderMermaid, renderStages, type Graph } from '../output/graph.js';
import { REGISTRY_FLAG, YES_FLAG } from '../registry/session.js';
import { fetchTarget } from '../run/fetch-target.js';
import { toStages } from '../run/stages.js';
import { shellWord } from '../terminal/shell.js';

const FORMATS = ['mermaid', 'dot', 'json', 'text'] as const;
type Format = (typeof FORMATS)[number];

interface Drawn extends Graph {
  readonly format: Format;
  readonly verified: boolean;
}

export const command = defineCommand<Drawn, GraphJson>({
  name: 'graph',
  about: 'Draw the steps of a workflow as text: for Mermaid, for Graphviz, or to be read.',
  positionals: {
    names: ['NAME|REF|PATH|FILE'],
    required: 1,
    completes: [['name', 'reference', 'folder', 'file']],
  },
  flags: [
    { name: 'format', value: 'FORMAT', values: FORMATS, summary: 'mermaid (default), dot, json, or text' },
    { name: 'locked', summary: 'what sheaf.lock holds (in CI always)' },
    { name: 'offline', summary: 'use the cache alone' },
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: ['sheaf graph . --format text', 'sheaf graph acme/release-notes >> README.md'],
  exitCodes: [0, 1, 3, 4, 5, 6, 7],
  run: async (context, input) => {
    const format = FORMATS.find((each) => each === input.get('format')) ?? 'mermaid';
    const word = input.positionals[0] ?? '';
    const typed = `graph ${shellWord(word)}`;
    const options = { yes: input.has('yes'), offline: input.has('offline'), typed };
    const target = await fetchTarget(context, input, word, options);
    const definition =
      target.kind === 'local' ? target.source.definition : target.fetched.workflow.bundle.definition;
    return { data: { ...readGraph(definition), format, verified: target.kind === 'verified' } };
  },
  toJson,
  render: (data, look) => ({
    talk: data.verified ? '' : 'unsigned: your working tree',
    answer: RENDER[data.format](data, look),
  }),
});

const RENDER: Readonly<Record<Format, (data: Drawn, look: Parameters<typeof renderStages>[1]) => string>> = {
  mermaid: renderMermaid,
  dot: renderDot,
  text: renderStages,
  json: (data) => jsonWithoutCommands({ schema: schemaName('graph'), ...toJson(data) }),
};

function readGraph(definition: WorkflowDefinition): Graph {
  const { id, version } = definition;
  const steps = listStepGraph(definition).map((node) => {
    const step = definition.steps[node.id];
    return {
      ...node,
      ...(step?.when === undefined ? {} : { when: step.when }),
      mayFail: step?.onFailure === 'continue',
    };
  });
  return { workflow: { id, version }, steps };
}

function toJson({ workflow, steps, verified }: Drawn): GraphJson {
  return { workflow, verified, steps, stages: toStages(steps).map((stage) => stage.map(({ id }) => id)) };
}
