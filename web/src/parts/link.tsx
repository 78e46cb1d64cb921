/** A link inside the page. A real anchor, so that it can be opened in another tab and copied. */
import type { ComponentChildren } from 'preact';
import { formatPlace, type Place, place } from '../router.ts';

export interface ToProps {
  place: Place;
  children: ComponentChildren;
  /** j and k stop here. */
  item?: boolean;
  class?: string;
  title?: string;
  onClick?: () => void;
  'aria-current'?: 'page';
}

export function To({ place, children, item, ...rest }: ToProps) {
  return (
    <a href={formatPlace(place)} data-item={item} {...rest}>
      {children}
    </a>
  );
}

export function PrefixLink({ prefix }: { prefix: string }) {
  return (
    <To place={place('prefix', { subject: prefix })} class="mono strong" title={`${prefix} over all neighbors`}>
      {prefix}
    </To>
  );
}

export function NeighborLink({ id, children }: { id: number; children: ComponentChildren }) {
  return (
    <To place={place('neighbor', { subject: String(id) })} class="mono">
      {children}
    </To>
  );
}

/** `quiet`: in the colour of the text, where a column of links would shout. */
export function NodeLink({ node, quiet = false }: { node: string; quiet?: boolean }) {
  return (
    <To
      place={place('node', { subject: node })}
      class={quiet ? 'quiet' : ''}
      title={`Node ${node}: its sessions, and what it announces`}
    >
      {node}
    </To>
  );
}

/** `service`: namespace/name. */
export function ServiceLink({ service, quiet = false }: { service: string; quiet?: boolean }) {
  return (
    <To
      place={place('service', { subject: service })}
      class={quiet ? 'quiet' : ''}
      title={`Service ${service}: where it is announced, and why`}
    >
      {service}
    </To>
  );
}
