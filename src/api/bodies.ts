/** Bodies of requests: how many octets of all of them are held at a time. */
import type { ServerResponse } from 'node:http';
import { finished, type Readable, Transform } from 'node:stream';
import { limits } from './limits.ts';
import { tooMany } from './room.ts';

export class Bodies {
  #held = 0;

  /**
   * The same body, counted as it arrives and until its answer ends. Fails with 503 when too many octets are held.
   * Small bodies are not counted: the number of connections bounds them.
   */
  count(body: Readable, response: ServerResponse): Readable {
    let octets = 0;
    const take = (more: number): boolean => {
      octets += more;
      this.#held += more;
      return this.#held <= limits.heldBodies;
    };
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        if (take(chunk.length)) return done(null, chunk);
        // the rest of the body is not read
        if (!response.headersSent) response.setHeader('connection', 'close');
        done(tooMany('Other clients are sending large requests'));
      },
    });
    finished(body, (error) => error && counted.destroy(error));
    finished(response, () => {
      this.#held -= octets;
    });
    return body.pipe(counted);
  }
}
