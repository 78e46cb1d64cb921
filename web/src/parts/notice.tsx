/** What stands where data does not: loading, failed, or empty and why. */
import type { ComponentChildren } from 'preact';
import type { RequestError } from '../client.ts';
import './notice.css';

export function Loading() {
  return (
    <p class="loading" role="status">
      Reading …
    </p>
  );
}

export function Failure({ error, again }: { error: RequestError; again?: () => void }) {
  return (
    <div class="notice tone-bad" role="alert">
      <strong>Could not be read.</strong> {error.message} <code>{error.code}</code>{' '}
      {again && (
        <button type="button" class="link" onClick={again}>
          Try again
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

/** A banner across the view. Only its title is said aloud: the rest may have a clock in it. */
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
