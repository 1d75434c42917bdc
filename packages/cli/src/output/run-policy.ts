import { durationText, type RunLimits } from '@sheaf/client';
import { printable } from '../terminal/escape.js';
import { formatBytes, plural } from '../terminal/text.js';
import type { Fact } from './facts.js';

/** What one file says, a fact a line; what it leaves to others is left out. */
export function limitFacts({
  registries,
  publishers,
  hosts,
  images,
  profiles,
  ceilings,
}: RunLimits): readonly Fact[] {
  const list = (label: string, entries: readonly string[] | undefined): readonly Fact[] =>
    entries === undefined ? [] : [[label, entries.length === 0 ? 'none' : printable(entries.join(', '))]];
  const { timeoutMs, maxParallel, cpus, memoryBytes, items, artifactBytes, processes } = ceilings;
  const most = [
    ...(timeoutMs === undefined ? [] : [`${durationText(timeoutMs)} for an attempt`]),
    ...(maxParallel === undefined ? [] : [`${plural(maxParallel, 'step')} at the same time`]),
    ...(cpus === undefined ? [] : [`${cpus} cpus`]),
    ...(memoryBytes === undefined ? [] : [`${formatBytes(memoryBytes)} of memory`]),
    ...(items === undefined ? [] : [`${plural(items, 'item')} of a loop`]),
    ...(artifactBytes === undefined ? [] : [`${formatBytes(artifactBytes)} for an artifact`]),
    ...(processes === undefined ? [] : [`${processes} processes`]),
  ];
  return [
    ...list('registries', registries),
    ...list('publishers', publishers),
    ...list('hosts', hosts),
    ...list('images', images),
    ...list('published', profiles.registry),
    ...list('your own', profiles.local),
    ...list('at most', most.length === 0 ? undefined : most),
  ];
}
