import { buildParameter } from './build-parameter.js';
import { buildAction, buildStep, buildSteps } from './build-steps.js';
import { buildTriggers } from './build-triggers.js';
import { findDurationMs } from './duration.js';
import type { ArtifactSpec, ToolRequirement, WorkflowDefinition } from './model.js';
import type { Version, WorkflowId } from './names.js';
import { mapTable, optional, readList, readTable, readText, readTexts, type Table } from './tables.js';

/**
 * Makes the model of a file's data. What does not have the shape of the schema is left out, so that the checks after the schema's can say
 * all they know about the rest; the result is only given out when there was no error at all.
 */
export function buildDefinition(data: Table): WorkflowDefinition {
  const bundle = readTable(data['bundle']);
  const permissions = readTable(data['permissions']);
  return {
    id: (readText(data['id']) ?? '') as WorkflowId,
    version: (readText(data['version']) ?? '') as Version,
    ...optional('name', readText(data['name'])),
    ...optional('description', readText(data['description'])),
    tags: readTexts(data['tags']),
    ...optional('license', readText(data['license'])),
    ...optional('homepage', readText(data['homepage'])),
    bundle: { include: readTexts(bundle['include']), executable: readTexts(bundle['executable']) },
    permissions: {
      network: readTexts(permissions['network']),
      exec: readTexts(permissions['exec']),
      read: readTexts(permissions['read']),
      write: readTexts(permissions['write']),
      secrets: readTexts(permissions['secrets']),
    },
    parameters: mapTable(readTable(data['parameters']), (value) => buildParameter(readTable(value))),
    requirements: { tools: readTexts(readTable(data['requirements'])['tools']).map(buildTool) },
    dependencies: mapTable(readTable(data['dependencies']), (value) => readText(value) ?? ''),
    actions: mapTable(readTable(data['actions']), (value) => buildAction(readTable(value))),
    steps: buildSteps(readTable(data['steps'])),
    outputs: mapTable(readTable(data['outputs']), (value) => readText(value) ?? ''),
    artifacts: mapTable(readTable(data['artifacts']), (value) => buildArtifact(readTable(value))),
    catch: readList(data['catch']).map((value, at) => {
      const step = readTable(value);
      return buildStep(readText(step['id']) ?? `catch-${at + 1}`, step);
    }),
    ...(data['on'] === undefined ? {} : { on: buildTriggers(readTable(data['on'])) }),
  };
}

function buildTool(requirement: string): ToolRequirement {
  const [name = '', minimum] = requirement.split('>=').map((part) => part.trim());
  return { name, ...optional('minimum', minimum) };
}

function buildArtifact(data: Table): ArtifactSpec {
  const retentionMs = findDurationMs(readText(data['retention']) ?? '', MAX_RETENTION_MS);
  return { path: readText(data['path']) ?? '', ...optional('retentionMs', retentionMs) };
}

/** Ten years. */
export const MAX_RETENTION_MS = 3650 * 86_400_000;
