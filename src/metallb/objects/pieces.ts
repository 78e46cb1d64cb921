/** Cuts YAML into documents, and Lists in block style into items, so that each object is parsed on its own. */

/** A part of a text. `text` keeps its columns; `line` (1-based) is that of its first line. */
export interface TextPiece {
  text: string;
  line: number;
}

/** A document whose items are cut out of it. */
export interface ListPieces {
  /** The document with an empty list of items. */
  head: TextPiece;
  /** @yields the items in order */
  items(): Generator<TextPiece>;
}

/** @yields the documents of a YAML text that have content. `---` and `...` in column 0 end a document wherever they are. */
export function* documentsOf(text: string): Generator<TextPiece> {
  const marker = /(?<=^|\n)(?:---|\.\.\.)(?=[ \t\r\n]|$)/g;
  let start = 0;
  let line = 1;
  const moveTo = (offset: number) => {
    line += newlines(text, start, offset);
    start = offset;
  };
  for (let found = marker.exec(text); ; found = marker.exec(text)) {
    const end = found?.index ?? text.length;
    const document = text.slice(start, end);
    if (hasContent(document)) yield { text: document, line };
    if (!found) return;
    if (found[0] === '...') moveTo(end + 3);
    // directives belong to the document that `---` begins
    else if (hasContent(document) || !/(?:^|\n)%/.test(document)) moveTo(end);
  }
}

/** Is there more than a marker, comments and directives? */
const hasContent = (text: string): boolean => /(?:^|\n)(?:---(?=\s))?[ \t]*(?!---(?:\s|$))[^\s#%]/.test(text);

/** Anchors may be used in another item. */
const anchor = /[\s[{,]&[^\s,[\]{}&]/;

/** The items of a document with `items:` in column 0; undefined for any other document, and for one with anchors. */
export function listIn({ text, line }: TextPiece): ListPieces | undefined {
  const found = /(?<=^|\n)items:[ \t]*(?:#[^\n]*)?\r?\n/.exec(text);
  if (!found || anchor.test(text)) return undefined;
  const start = found.index + found[0].length;
  const { indent, ends, tail } = itemsFrom(text, start);
  if (indent < 0) return undefined;
  const head = `${text.slice(0, found.index)}items: []\n${text.slice(tail)}`;
  return {
    head: { text: head, line },
    *items() {
      let at = start;
      let atLine = line + newlines(text, 0, start);
      for (const end of ends) {
        const dash = text.indexOf('-', at);
        yield { text: `${text.slice(at, dash)} ${text.slice(dash + 1, end)}`, line: atLine };
        atLine += newlines(text, at, end);
        at = end;
      }
    },
  };
}

/** Where the items end whose first one comes from `start` on, and where the rest of the document begins. */
function itemsFrom(text: string, start: number): { indent: number; ends: number[]; tail: number } {
  const ends: number[] = [];
  let indent = -1;
  let at = start;
  for (let end: number; at < text.length; at = end) {
    end = text.indexOf('\n', at) + 1 || text.length;
    let first = at;
    while (text.charCodeAt(first) === space) first++;
    if (indent >= 0 && first - at > indent) continue;
    const character = text[first] ?? '\n';
    if (character === '#' || character === '\n' || character === '\r') continue;
    if (character !== '-' || !/\s/.test(text[first + 1] ?? '\n')) break;
    if (indent >= 0 && first - at < indent) break;
    if (indent < 0) indent = first - at;
    else ends.push(at);
  }
  if (indent >= 0) ends.push(at);
  return { indent, ends, tail: at };
}

const space = 0x20;

/** Line breaks between two offsets. */
export function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** The lines of a piece: offset → number. Built with the first question. */
export class Lines {
  readonly #piece: TextPiece;
  #starts: number[] | undefined;

  constructor(piece: TextPiece) {
    this.#piece = piece;
  }

  at(offset: number): number {
    const starts = (this.#starts ??= this.#find());
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return this.#piece.line + low - 1;
  }

  #find(): number[] {
    const { text } = this.#piece;
    const starts = [0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    return starts;
  }
}
