/** Links inside the page: real anchors, so that the browser can copy them and open them in a tab. */
import type { ComponentChildren } from 'preact';
import { formatPlace, type Place, place } from '../router.ts';

export interface ToProps {
  place: Place;
  children: ComponentChildren;
  /** j and k move the focus to it. */
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
    <To place={place('prefix', { subject: prefix })} class="mono strong" title={`Prefix ${prefix} over all neighbors`}>
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

/** `quiet`: in the text color, for columns full of links. */
export function NodeLink({ node, quiet = false }: { node: string; quiet?: boolean }) {
  return (
    <To
      place={place('node', { subject: node })}
      class={quiet ? 'quiet' : ''}
      title={`Sessions and routes of node ${node}`}
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
      title={`Announcements of Service ${service}`}
    >
      {service}
    </To>
  );
}
