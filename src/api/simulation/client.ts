/**
 * Simulations, each in a thread of its own: working out the expectations of a large cluster takes seconds, in which
 * nothing else would run. The thread gets the objects in small pieces, so that copying them holds up nothing either.
 */
import { Worker } from 'node:worker_threads';
import { assembleResources } from '../../metallb/objects/read.ts';
import type { Resources } from '../../metallb/objects/resources.ts';
import { ApiError } from '../errors.ts';
import { limits } from '../limits.ts';
import { turn } from '../turn.ts';
import { objectsOf, type SimulationRequest } from './simulate.ts';
import type { Refused, SimulationObjects, SimulationPage } from './thread.ts';

export interface SimulationBounds {
  /** ms and MiB that one simulation may take. */
  time: number;
  heap: number;
}

export class Simulations {
  readonly #bounds: SimulationBounds;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();
  #worker: Worker | undefined;

  constructor(bounds: SimulationBounds = { time: limits.simulationTime, heap: limits.simulationHeap }) {
    this.#bounds = bounds;
  }

  /** One after the other; a 503 when too many wait. An aborted one ends, wherever it is. Throws ApiError. */
  run(question: SimulationRequest, resources: Resources | null, signal: AbortSignal): Promise<SimulationPage> {
    if (this.#waiting >= limits.simulations)
      return Promise.reject(new ApiError(503, 'busy', `${this.#waiting} simulations wait already`));
    this.#waiting++;
    const answer = this.#last
      .then(() => this.#run(question, resources ?? assembleResources([]), signal))
      .finally(() => this.#waiting--);
    this.#last = answer.catch(() => {});
    return answer;
  }

  async stop(): Promise<void> {
    await this.#worker?.terminate();
  }

  async #run(question: SimulationRequest, resources: Resources, signal: AbortSignal): Promise<SimulationPage> {
    if (signal.aborted) throw clientGone();
    const { time, heap } = this.#bounds;
    const worker = new Worker(new URL('./thread.ts', import.meta.url), {
      name: 'simulation',
      workerData: question,
      resourceLimits: { maxOldGenerationSizeMb: heap },
    });
    this.#worker = worker;
    const timeout = AbortSignal.timeout(time);
    const { promise, resolve, reject } = Promise.withResolvers<SimulationPage>();
    worker.once('message', (answer: SimulationPage | Refused) =>
      'problems' in answer ? reject(refusal(answer)) : resolve(answer),
    );
    worker.once('error', (error) => reject(isOutOfMemory(error) ? tooMuch(`${heap} MiB`) : error));
    worker.once('exit', () => reject(new Error('the simulation ended without an answer')));
    const leave = () => reject(clientGone());
    timeout.addEventListener('abort', () => reject(tooMuch(`${time / 1_000} s`)));
    signal.addEventListener('abort', leave);
    try {
      await Promise.race([feed(worker, resources), promise]);
      return await promise;
    } finally {
      signal.removeEventListener('abort', leave);
      this.#worker = undefined;
      await worker.terminate();
    }
  }
}

async function feed(worker: Worker, resources: Resources): Promise<void> {
  const post = (piece: SimulationObjects) => worker.postMessage(piece);
  const objects = objectsOf(resources);
  let until = performance.now() + limits.sliceMs;
  for (let i = 0; i < objects.length; i += limits.simulationChunk) {
    post({ objects: objects.slice(i, i + limits.simulationChunk) });
    if (performance.now() < until) continue;
    await turn();
    until = performance.now() + limits.sliceMs;
  }
  post({ refusals: resources.refusals, lint: resources.lint });
}

const isOutOfMemory = (error: unknown): boolean => (error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY';
function refusal({ problems }: Refused): ApiError {
  const errors = problems.slice(0, limits.notes);
  const detail = errors.map(({ path, text }) => (path ? `${path}: ${text}` : text)).join('; ');
  return new ApiError(422, 'invalid-request', detail, { errors });
}

const clientGone = (): ApiError => new ApiError(503, 'busy', 'The client has gone');
const tooMuch = (bound: string): ApiError =>
  new ApiError(413, 'too-large', `The simulation needs more than ${bound}; post fewer objects`);
