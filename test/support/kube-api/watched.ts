/** A cluster source in a test: against the fake API server, with times that tests can wait for. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Times } from '../../../src/kubernetes/clock.ts';
import type { KindStatus } from '../../../src/kubernetes/kinds.ts';
import { ClusterSource, type ClusterSourceOptions } from '../../../src/kubernetes/source.ts';
import type { ReadResult } from '../../../src/metallb/objects/read.ts';
import { type AnyObject, type Kind, keyOf } from '../../../src/metallb/objects/resources.ts';
import type { Refusal } from '../../../src/metallb/types.ts';
import { until } from '../wait.ts';
import type { ApiObject } from './cluster.ts';
import { KubeApi } from './server.ts';

export const quickTimes: Partial<Times> = {
  answer: 2_000,
  silence: 10_000,
  minRetry: 20,
  maxRetry: 100,
  lookAgain: 100,
  patience: 60_000,
  quiet: 5,
};

/** An API server with these objects, closed with the test. */
export async function startApi(...objects: ApiObject[]): Promise<KubeApi> {
  const api = await KubeApi.start(objects);
  onTestFinished(() => api.close());
  return api;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'peerglass-kubernetes-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

type WatchOptions = Omit<Partial<ClusterSourceOptions>, 'kubernetes'> & {
  kubernetes?: Partial<ClusterSourceOptions['kubernetes']>;
};

export class Watched {
  /** All states so far, as results. */
  readonly states: (readonly ReadResult[])[] = [];
  readonly source: ClusterSource;

  constructor(api: KubeApi, { kubernetes, times, ...options }: WatchOptions = {}) {
    this.source = new ClusterSource({
      kubernetes: {
        inCluster: false,
        kubeconfig: api.kubeconfig(temporaryFolder()),
        context: null,
        secrets: false,
        ...kubernetes,
      },
      namespace: 'metallb-system',
      userAgent: 'Peerglass/test',
      times: { ...quickTimes, ...times },
      onSnapshot: (results) => this.states.push(results),
      onStatus: () => {},
      ...options,
    });
    onTestFinished(() => this.source.close());
  }

  /** Objects of a kind in a state, the present one by default. */
  objects(kind: Kind, state = this.states.at(-1) ?? []): AnyObject[] {
    return state.flatMap(({ object }) => (object?.ref.kind === kind ? object : []));
  }

  /** Their keys. */
  keys(kind: Kind, state?: readonly ReadResult[]): string[] {
    return this.objects(kind, state).map(({ ref }) => keyOf(ref));
  }

  get refusals(): Refusal[] {
    return (this.states.at(-1) ?? []).flatMap(({ refusal }) => refusal ?? []);
  }

  kind(kind: Kind): KindStatus {
    return this.source.kinds.find((status) => status.kind === kind)!;
  }

  /** Waits for the first state. */
  async first(): Promise<this> {
    await until('the first state', () => this.states.length > 0, { every: 5, context: () => this.report() });
    return this;
  }

  /** Waits until the present state has exactly these objects of a kind. */
  async has(kind: Kind, ...keys: string[]): Promise<void> {
    const wanted = JSON.stringify([...keys].sort());
    await until(
      `the objects of kind ${kind} are ${keys.join(', ')}`,
      () => JSON.stringify(this.keys(kind).sort()) === wanted,
      {
        every: 5,
        context: () => this.report(),
      },
    );
  }

  async state(kind: Kind, state: KindStatus['state']): Promise<KindStatus> {
    const status = this.kind(kind);
    await until(`${kind} is ${state}`, () => status.state === state, { every: 5, context: () => this.report() });
    return status;
  }

  report(): string {
    return JSON.stringify({ kinds: this.source.kinds, problems: this.source.problems }, null, 1);
  }
}
