import type { ComponentChildren } from 'preact';

/** A field of a form with its label, a hint, and what was wrong with it. */
export function Field({
  id,
  label,
  hint,
  fault,
  children,
}: {
  /** Of the control among the children, which is described by `{id}-hint` and `{id}-fault`: see {@link described}. */
  id: string;
  label: string;
  hint?: string;
  fault?: string;
  children: ComponentChildren;
}) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children}
      {fault !== undefined && (
        <p class="fault" id={`${id}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}

/** Attributes of a control in a {@link Field}. */
export function described(id: string, { hint, fault }: { hint?: string; fault?: string } = {}) {
  const by = [hint === undefined ? [] : [`${id}-hint`], fault === undefined ? [] : [`${id}-fault`]].flat();
  return {
    id,
    ...(by.length > 0 && { 'aria-describedby': by.join(' ') }),
    ...(fault !== undefined && { 'aria-invalid': true }),
  };
}
