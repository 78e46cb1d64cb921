import { type Problem, problem } from '../codes.ts';
import type { BGPPeer, Secret } from '../objects/resources.ts';

/** The secrets of MetalLB's namespace by name; undefined where the source shows none, so that nothing can be told. */
export type Secrets = ReadonlyMap<string, Secret> | undefined;

/**
 * A password secret that is not there (yet) or no good. Whoever hands us objects may well keep Secrets back: only
 * where some are seen is one that is not seen missing.
 */
export function secretProblem({ ref, spec }: BGPPeer, secrets: Secrets): Problem | undefined {
  const { name } = spec.passwordSecret;
  if (name === '' || secrets === undefined) return undefined;
  const secret = secrets.get(name);
  if (!secret) return problem('unknown-secret', `secret "${name}" of peer ${ref.name} not found (transient)`);
  const expected = 'kubernetes.io/basic-auth';
  if (secret.spec.type !== expected)
    return problem('invalid-secret', `secret type mismatch on "${name}", type "${expected}" is expected`);
  if (!secret.spec.hasPassword) return problem('invalid-secret', `password not specified in the secret "${name}"`);
  return undefined;
}

/** Those of `all` that a speaker looks at. */
export function secretsIn(namespace: string, all: ReadonlyMap<string, Secret>): Secrets {
  const own = [...all.values()].filter(({ ref }) => ref.namespace === namespace);
  return own.length === 0 ? undefined : new Map(own.map((secret) => [secret.ref.name, secret]));
}
