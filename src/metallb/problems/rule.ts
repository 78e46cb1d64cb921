/** One kind of rule about objects: what a problem is called, how severe it is, and how it is found. */
import type { AnyObject } from '../objects/resources.ts';
import type { Lint, ObjectRef } from '../types.ts';
import type { Cluster } from './cluster.ts';

/** Worst first. `critical`: traffic is lost or will be; `warning`: something is wrong; `info`: meant so, and often asked. */
export const severities = ['critical', 'warning', 'info'] as const;
export type DiagnosisSeverity = (typeof severities)[number];

/** One problem. What it is about is in the fields; left out = not about one of these. */
export interface ObjectProblem {
  /** Where it differs from the rule's own. */
  severity?: DiagnosisSeverity;
  /** The finding, with names and figures. */
  text: string;
  /** The fix: which field of which object. */
  hint: string;
  node?: string;
  bgpPeer?: string;
  prefix?: string;
  /** `namespace/name` */
  service?: string;
  /** The object to correct comes first. */
  objects?: ObjectRef[];
  /** Field of the first object, `spec.peers[0]`. */
  path?: string;
  /** What tells it from others with the same node, peer, prefix, service and objects. */
  about?: string;
  /** The same as lint, where it is found at one field. */
  lint?: Lint;
}

/**
 * A rule about objects: a file with the name of its code. `find` yields what it finds, and undefined wherever it may be
 * interrupted: a large cluster has thousands of nodes and Services.
 */
export interface ObjectRule {
  /** Stable. */
  code: string;
  /** Codes that lint had for the same problem. */
  aliases?: readonly string[];
  severity: DiagnosisSeverity;
  title: string;
  /** What it looks for, so that "nothing found" says something. */
  looksFor: string;
  /** Looks at routes or elections: too much for a request to the API. */
  isCostly?: true;
  find(cluster: Cluster): Iterable<ObjectProblem | undefined>;
}
export type ObjectProblems = ReturnType<ObjectRule['find']>;

/** The object with the line of one of its fields, where the source told it. */
export function placeOf({ ref, lines }: AnyObject, path: string): ObjectRef {
  const line = lines.get(path) ?? ref.line;
  return line === undefined ? ref : { ...ref, line };
}
