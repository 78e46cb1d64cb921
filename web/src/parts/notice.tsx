/** Notices in place of data (loading, failed, empty) and banners. */
import type { ComponentChildren } from 'preact';
import type { RequestError } from '../client.ts';
import './notice.css';

export function Loading() {
  return (
    <p class="loading" role="status">
      Loading …
    </p>
  );
}

export function Failure({ error, again }: { error: RequestError; again?: () => void }) {
  return (
    <div class="notice tone-bad" role="alert">
      <strong>Loading failed:</strong> {error.message} <code>{error.code}</code>{' '}
      {again && (
        <button type="button" class="link" onClick={again}>
          Retry
        </button>
      )}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** A banner across the view. Screen readers announce only its title, because the rest may contain a clock. */
export function Banner({
  tone,
  title,
  children,
}: {
  tone: 'bad' | 'warn' | 'info';
  title: string;
  children?: ComponentChildren;
}) {
  return (
    <div class={`notice tone-${tone}`}>
      <strong role={tone === 'bad' ? 'alert' : 'status'}>{title}</strong> {children}
    </div>
  );
}
