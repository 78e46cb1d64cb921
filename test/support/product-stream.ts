/** A client of the live feed whose messages can be awaited in order. */
import { WebSocket } from 'ws';
import type { ServerMessage, SubscribeMessage } from '../../src/api/schemas.ts';
import { within } from './wait.ts';

export type Subscription = Partial<Omit<SubscribeMessage, 'type'>>;
type Message<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>;

const defaultTimeout = 30_000;

export class StreamClient {
  /** Everything that came, in order. */
  readonly messages: ServerMessage[] = [];
  /** The close code, once the server or the network ended it. */
  readonly closed: Promise<number>;
  readonly socket: WebSocket;
  /** Messages before this one were already handed out by `next`. */
  #read = 0;
  #arrived = (): void => {};

  private constructor(url: string) {
    this.socket = new WebSocket(url);
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.on('error', () => {}); // 'close' follows, and is awaited
    this.socket.on('message', (data) => {
      const received = JSON.parse(String(data)) as ServerMessage | ServerMessage[];
      this.messages.push(...(Array.isArray(received) ? received : [received]));
      this.#arrived();
    });
  }

  static async open(url: string, subscription: Subscription): Promise<StreamClient> {
    const client = new StreamClient(url);
    await within('the live feed opens', 10_000, new Promise((resolve) => client.socket.once('open', resolve)));
    client.send({ type: 'subscribe', id: 'test', ...subscription });
    await client.next('subscribed');
    return client;
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The next message of this type that fulfils `wanted`, behind the last one that was handed out. */
  async next<Type extends ServerMessage['type']>(
    type: Type,
    wanted: (message: Message<Type>) => boolean = () => true,
    timeout = defaultTimeout,
  ): Promise<Message<Type>> {
    const start = this.#read;
    const search = (): Message<Type> | undefined => {
      while (this.#read < this.messages.length) {
        const message = this.messages[this.#read++]!;
        if (message.type === type && wanted(message as Message<Type>)) return message as Message<Type>;
      }
      return undefined;
    };
    const found = new Promise<Message<Type>>((resolve) => {
      this.#arrived = () => {
        const message = search();
        if (message) resolve(message);
      };
      this.#arrived();
    });
    try {
      return await within(`a message of type ${type}`, timeout, found);
    } catch (error) {
      const seen = this.messages.slice(start).map((message) => JSON.stringify(message).slice(0, 300));
      throw new Error(`${(error as Error).message}; came instead:\n${seen.slice(-20).join('\n')}`, { cause: error });
    } finally {
      this.#arrived = () => {};
    }
  }

  /** Passes over everything that came so far. */
  skip(): void {
    this.#read = this.messages.length;
  }

  close(): void {
    this.socket.close();
  }
}
