/** Entry of the thread that parses one large text: what it holds goes back in pieces, then `null`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ReadResult } from './read.ts';
import { readObjects } from './yaml.ts';

/** Objects per message: copying a piece takes the receiver about a millisecond. */
const pieceLength = 100;

export interface Text {
  bytes: Uint8Array<ArrayBuffer>;
  file: string;
}
export type ParsedPiece = ReadResult[] | null;

const port = parentPort!;
const { bytes, file } = workerData as Text;
let piece: ReadResult[] = [];
for (const result of readObjects(bytes, file)) {
  if (piece.push(result) < pieceLength) continue;
  port.postMessage(piece satisfies ParsedPiece);
  piece = [];
}
port.postMessage(piece satisfies ParsedPiece);
port.postMessage(null satisfies ParsedPiece);
