import { canonicalPrefix } from '../ip.ts';
import { usage } from './fail.ts';

interface Words {
  /** `namespace/name`; a name alone is in the namespace `default`, as in kubectl. */
  service?: string | undefined;
  /** Host bits are ignored. */
  prefix?: string | undefined;
}

/** The filter in canonical form; undefined after reporting that it is invalid. */
export function readFilter({ service, prefix }: Words): Required<Words> | undefined {
  const canonical = prefix === undefined ? undefined : canonicalPrefix(prefix);
  if (prefix !== undefined && canonical === undefined) {
    usage(`--prefix ${prefix}: expected a prefix such as 203.0.113.0/24`);
    return undefined;
  }
  return {
    service: service === undefined || service.includes('/') ? service : `default/${service}`,
    prefix: canonical,
  };
}
