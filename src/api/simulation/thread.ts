/** Entry of a simulation's thread: the objects of the cluster come in pieces, then it answers once. */
import { parentPort, workerData } from 'node:worker_threads';
import type { AnyObject } from '../../metallb/objects/resources.ts';
import type { Lint, Refusal } from '../../metallb/types.ts';
import { RequestError, type RequestProblem } from './request.ts';
import type { Place } from './routes.ts';
import { type SimulationRequest, simulate } from './simulate.ts';

/** The last piece has what is said of the objects. */
export type SimulationObjects = { objects: AnyObject[] } | { refusals: readonly Refusal[]; lint: readonly Lint[] };
/** JSON, since reading a text costs the receiver nothing. */
export interface SimulationPage {
  simulation: string;
  next: Place | null;
}
/** The request is not as it should be. */
export interface Refused {
  problems: RequestProblem[];
}

const port = parentPort!;
const objects: AnyObject[] = [];

port.on('message', (piece: SimulationObjects) => {
  if ('objects' in piece) return void objects.push(...piece.objects);
  try {
    const { simulation, next } = simulate(workerData as SimulationRequest, { objects, ...piece });
    port.postMessage({ simulation: JSON.stringify(simulation), next } satisfies SimulationPage);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    port.postMessage({ problems: error.problems } satisfies Refused);
  }
});
