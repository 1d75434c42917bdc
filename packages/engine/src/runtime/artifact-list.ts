import { join } from 'node:path';
import type { Artifact } from '../api.js';
import type { JournalEvent } from '../core/events.js';

/** Where the artifacts of a run are, each under its name. */
export function artifactDir(runDir: string): string {
  return join(runDir, 'artifacts');
}

/** The artifacts that a run has kept, whether or not their copies are still there. */
export function listArtifacts(runDir: string, events: Iterable<JournalEvent>): readonly Artifact[] {
  const found: Artifact[] = [];
  for (const event of events) {
    if (event.type !== 'artifact.kept') continue;
    const { name, path, sizeBytes, sha256, until } = event;
    const expires = until === undefined ? {} : { expiresAt: until };
    found.push({ name, path, sizeBytes, sha256, ...expires, file: join(artifactDir(runDir), name) });
  }
  return found;
}
