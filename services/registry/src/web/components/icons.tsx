import type { ComponentChildren } from 'preact';

/** Icons repeat what words beside them say: they are hidden from screen readers. */
function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

/** A sheaf: three stalks and the band that holds them. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 24 24" width="24" height="24" fill="none" aria-hidden="true">
      <g stroke="currentColor" stroke-width="2" stroke-linecap="round">
        <path d="M12 3v18M5 4c1 5 4 7 4 10 0 2-1 4-3 7M19 4c-1 5-4 7-4 10 0 2 1 4 3 7" />
        <path d="M7 13h10" stroke-width="3" />
      </g>
    </svg>
  );
}

export function CheckIcon() {
  return (
    <Icon>
      <path d="M3 8.5l3.2 3.2L13 5" />
    </Icon>
  );
}

export function WarnIcon() {
  return (
    <Icon>
      <path d="M8 2l6.5 11.5h-13zM8 6.5v3M8 11.6v.1" />
    </Icon>
  );
}

export function StopIcon() {
  return (
    <Icon>
      <path d="M5.3 1.8h5.4l3.5 3.5v5.4l-3.5 3.5H5.3l-3.5-3.5V5.3zM5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6" />
    </Icon>
  );
}

export function InfoIcon() {
  return (
    <Icon>
      <circle cx="8" cy="8" r="6.2" />
      <path d="M8 7.3v3.6M8 5.1v.1" />
    </Icon>
  );
}
