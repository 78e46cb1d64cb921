/** The drawer to the right of a list. Esc closes it and restores the focus. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useCommand } from '../app.ts';
import './drawer.css';

export function DrawerFrame({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const drawer = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const element = drawer.current;
    heading.current?.focus();
    return () => {
      // after j or k, the focus is already on a row
      if (element?.contains(document.activeElement) || document.activeElement === document.body) before?.focus();
    };
  }, []);
  useCommand('close', onClose);
  return (
    <aside class="drawer" aria-labelledby="drawer-title" ref={drawer}>
      <header>
        <h2 id="drawer-title" class="mono" ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <button type="button" class="icon" aria-label="Close" title="Close (Esc)" onClick={onClose}>
          ×
        </button>
      </header>
      {children}
    </aside>
  );
}

export function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
