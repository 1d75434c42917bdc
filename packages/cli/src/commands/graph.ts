import { readStepGraph, type StepGraph, type WorkflowDefinition } from '@sheaf/workflow';
import { jsonWithoutCommands } from '../frame/ci.js';
import { defineCommand, schemaName } from '../frame/command.js';
import type { GraphJson } from '../json/graph.js';
import { renderSvg } from '../output/graph-svg.js';
import { renderDot, renderMermaid, renderStages, type Graph } from '../output/graph.js';
import { REGISTRY_FLAG, YES_FLAG } from '../registry/session.js';
import { describeUnsigned, fetchTarget } from '../run/fetch-target.js';
import { toStages } from '../run/stages.js';
import { shellWord } from '../terminal/shell.js';
import { OVERLAY_FLAGS } from '../workflow/overlays.js';

const FORMATS = ['mermaid', 'svg', 'dot', 'json', 'text'] as const;
type Format = (typeof FORMATS)[number];

interface Drawn extends StepGraph {
  readonly workflow: Graph['workflow'];
  readonly format: Format;
  readonly verified: boolean;
  /** Where it comes from, when nobody signed it. */
  readonly unsigned: string;
}

export const command = defineCommand<Drawn, GraphJson>({
  name: 'graph',
  about: 'Draw the steps of a workflow: for Mermaid, as SVG, for Graphviz, or as text to be read.',
  positionals: {
    names: ['NAME|REF|PATH|FILE'],
    required: 1,
    completes: [['name', 'reference', 'folder', 'file']],
  },
  flags: [
    {
      name: 'format',
      value: 'FORMAT',
      values: FORMATS,
      summary: 'mermaid (default), svg, dot, json, or text',
    },
    { name: 'locked', summary: 'what sheaf.lock holds (in CI always)' },
    { name: 'offline', summary: 'use the cache alone' },
    ...OVERLAY_FLAGS,
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: ['sheaf graph . --format text', 'sheaf graph acme/release-notes --format svg > steps.svg'],
  exitCodes: [0, 1, 3, 4, 5, 6, 7],
  run: async (context, input) => {
    const format = FORMATS.find((each) => each === input.get('format')) ?? 'mermaid';
    const word = input.positionals[0] ?? '';
    const typed = `graph ${shellWord(word)}`;
    const options = { yes: input.has('yes'), offline: input.has('offline'), typed };
    const target = await fetchTarget(context, input, word, options, 'shown');
    const definition =
      target.kind === 'local' ? target.source.definition : target.fetched.workflow.bundle.definition;
    return {
      data: {
        ...readGraph(definition),
        format,
        verified: target.kind === 'verified',
        unsigned: target.kind === 'local' ? describeUnsigned(target.path) : '',
      },
    };
  },
  toJson,
  render: (data, look) => ({
    talk: data.unsigned,
    answer: RENDER[data.format](data, look),
  }),
});

const RENDER: Readonly<Record<Format, (data: Drawn, look: Parameters<typeof renderStages>[1]) => string>> = {
  mermaid: renderMermaid,
  svg: renderSvg,
  dot: renderDot,
  text: renderStages,
  json: (data) => jsonWithoutCommands({ schema: schemaName('graph'), ...toJson(data) }),
};

function readGraph(definition: WorkflowDefinition): Pick<Drawn, 'workflow' | keyof StepGraph> {
  const { id, version } = definition;
  return { workflow: { id, version }, ...readStepGraph(definition) };
}

function toJson({ workflow, steps, catch: after, verified }: Drawn): GraphJson {
  return {
    workflow,
    verified,
    steps,
    catch: after,
    stages: toStages(steps).map((stage) => stage.map(({ id }) => id)),
  };
}
