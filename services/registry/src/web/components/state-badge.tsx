import type { VersionState } from '@sheaf/client/contract';
import type { ComponentChildren } from 'preact';
import { StopIcon, WarnIcon } from './icons.js';

export type Tone = 'plain' | 'accent' | 'warn' | 'bad';

/** A word in a frame. Its colour repeats what it says, and is never all that says it. */
export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/** The state of a version; nothing for an active one, which is as it should be. */
export function StateBadge({ state }: { state: VersionState }) {
  switch (state) {
    case 'active':
      return null;
    case 'deprecated':
      return (
        <Badge tone="warn">
          <WarnIcon /> deprecated
        </Badge>
      );
    case 'yanked':
      return (
        <Badge tone="bad">
          <StopIcon /> yanked
        </Badge>
      );
    case 'quarantined':
      return (
        <Badge tone="bad">
          <StopIcon /> quarantined
        </Badge>
      );
  }
}
