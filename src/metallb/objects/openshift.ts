/**
 * OpenShift's and OKD's objects that say whether a node forwards packets between its interfaces. From 4.14 on it does
 * so for `br-ex` only, unless one of them says otherwise.
 */
import { z } from 'zod';
import { listOf, looseMetadata } from './schema.ts';

/** operator.openshift.io/v1 Network, of which there is one, called `cluster`. */
export const network = z
  .object({
    metadata: looseMetadata,
    spec: z
      .object({
        defaultNetwork: z
          .object({
            type: z.string().default('OVNKubernetes'),
            ovnKubernetesConfig: z
              .object({
                gatewayConfig: z
                  .object({
                    routingViaHost: z.boolean().default(false),
                    ipForwarding: z.string().default('Restricted'),
                  })
                  .prefault({}),
              })
              .prefault({}),
          })
          .prefault({}),
      })
      .prefault({}),
  })
  .transform(({ spec: { defaultNetwork } }) => ({
    type: defaultNetwork.type,
    ...defaultNetwork.ovnKubernetesConfig.gatewayConfig,
  }));

/** One kernel parameter, its name as a path below /proc/sys: `net/ipv4/conf/bridge-net/forwarding`. */
export interface Sysctl {
  readonly key: string;
  readonly value: string;
}

/** machineconfiguration.openshift.io/v1 MachineConfig: of all files in it only the kernel parameters are kept. */
export const machineConfig = z
  .object({
    metadata: looseMetadata,
    spec: z
      .object({
        config: z
          .object({
            storage: z
              .object({
                files: listOf(
                  z.object({ path: z.string(), contents: z.object({ source: z.string().default('') }).prefault({}) }),
                ),
              })
              .prefault({}),
          })
          .prefault({}),
      })
      .prefault({}),
  })
  .transform(({ spec }) => ({
    sysctls: spec.config.storage.files
      .filter(
        ({ path }) => /^\/(?:etc|run|usr\/lib)\/sysctl\.d\/[^/]+\.conf$/.test(path) || path === '/etc/sysctl.conf',
      )
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .flatMap(({ contents }) => sysctlsOf(decodeDataUrl(contents.source) ?? '')),
  }));

/** Longest data URL that is decoded, characters. */
export const maxSource = 1 << 20;

/** The text of a `data:` URL (RFC 2397), as Ignition carries file contents; undefined for anything else, and for a longer one. */
export function decodeDataUrl(source: string): string | undefined {
  if (source.length > maxSource) return undefined;
  const [, parameters, data] = /^data:([^,]*),(.*)$/s.exec(source) ?? [];
  if (parameters === undefined || data === undefined) return undefined;
  if (/;base64$/i.test(parameters)) return Buffer.from(data, 'base64').toString();
  try {
    return decodeURIComponent(data);
  } catch {
    return undefined; // a % that is none
  }
}

/** The settings of a sysctl.d(5) file. */
export function sysctlsOf(text: string): Sysctl[] {
  return text.split('\n').flatMap((line) => {
    const equals = line.indexOf('=');
    const key = line.slice(0, Math.max(0, equals)).trim().replace(/^-/, '');
    if (key === '' || /^[#;]/.test(key)) return [];
    return [{ key: asPath(key), value: line.slice(equals + 1).trim() }];
  });
}

/** Names with dots become paths, and a slash in those stands for a dot: `net.ipv4.conf.eth0/7.forwarding` is of eth0.7. */
function asPath(key: string): string {
  if (/^[^.]*\//.test(key)) return key;
  return key.replaceAll(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}
