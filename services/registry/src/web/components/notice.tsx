import type { ComponentChildren } from 'preact';
import { CheckIcon, InfoIcon, StopIcon, WarnIcon } from './icons.js';

type Kind = 'info' | 'good' | 'warn' | 'bad';
const ICONS = { info: InfoIcon, good: CheckIcon, warn: WarnIcon, bad: StopIcon } as const;

/** A box that says something about the page, or about what was just done. `isAnswer`: read out by screen readers at once. */
export function Notice({
  kind,
  title,
  isAnswer = false,
  children,
}: {
  kind: Kind;
  title: string;
  isAnswer?: boolean;
  children?: ComponentChildren;
}) {
  const Icon = ICONS[kind];
  return (
    <div class={`notice ${kind}`} {...(isAnswer && { role: kind === 'bad' ? 'alert' : 'status' })}>
      <Icon />
      <div>
        <p class="notice-title">{title}</p>
        {children}
      </div>
    </div>
  );
}
