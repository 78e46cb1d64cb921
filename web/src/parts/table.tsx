/**
 * A virtual table for thousands of rows: the document has only the visible rows, and `aria-rowindex` counts the others.
 * All rows of a table have the same height (`--row`). j, k, Enter and the arrow keys work wherever the focus is.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useCommand } from '../app.ts';
import './table.css';

/** Pixels; must match `--row` in page.css. */
const lineHeight = 34;
/** Pixels of rows with two lines of text. */
const twoLineHeight = 50;
/** Rows rendered above and below the visible ones. */
const overscan = 8;

export interface Column<Row> {
  title: string;
  /** Class of the column's cells; its width is in the view's CSS. */
  class: string;
  cell: (row: Row) => ComponentChildren;
  /** Sort key; without it the column cannot be sorted. */
  sortBy?: (row: Row) => string | number | null;
}

export interface TableProps<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  rowClass?: (row: Row) => string;
  onOpen?: (row: Row) => void;
  /** Key of the row in the drawer. */
  openKey?: string | undefined;
  /** Rows have room for two lines; see the class `two-lines`. */
  twoLines?: boolean;
  /** Shown if there are no rows. */
  empty: ComponentChildren;
  /** Called when the last row becomes visible. */
  onEnd?: (() => void) | undefined;
  /** Called when the user scrolls away from the first row. */
  onAway?: (() => void) | undefined;
  /** Column title, with a `-` prefix for descending. */
  sort?: string;
  onSort?: (sort: string) => void;
}

export function Table<Row>(props: TableProps<Row>) {
  const { caption, columns, rows, rowKey, rowClass, onOpen, openKey, empty, onEnd, onAway, sort, onSort } = props;
  const rowHeight = props.twoLines ? twoLineHeight : lineHeight;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const [cursor, setCursor] = useState<string>();
  const moved = useRef(false);
  // keys can come faster than renderings
  const at = useRef(cursor);
  at.current = cursor;

  useLayoutEffect(() => {
    const element = box.current!;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);

  const first = Math.max(0, Math.min(rows.length - 1, Math.floor(view.top / rowHeight)) - overscan);
  const end = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + overscan);

  useEffect(() => {
    if (onEnd && rows.length > 0 && end === rows.length) onEnd();
  }, [end, rows.length, onEnd]);

  const away = view.top > 0;
  useEffect(() => {
    if (away) onAway?.();
  }, [away]);

  const move = (to: number) => {
    const index = Math.max(0, Math.min(rows.length - 1, to));
    const row = rows[index];
    if (row === undefined) return;
    const element = box.current!;
    const head = lineHeight; // the sticky header covers the first rows
    if (index * rowHeight < element.scrollTop) element.scrollTop = index * rowHeight;
    if ((index + 1) * rowHeight + head > element.scrollTop + element.clientHeight)
      element.scrollTop = (index + 1) * rowHeight + head - element.clientHeight;
    moved.current = true;
    at.current = rowKey(row);
    setCursor(at.current);
    // an open drawer follows the cursor
    if (openKey !== undefined) onOpen?.(row);
  };

  useLayoutEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    box.current?.querySelector<HTMLElement>('tr[tabindex="0"]')?.focus({ preventScroll: true });
  });

  const cursorIndex = () => (at.current === undefined ? -1 : rows.findIndex((row) => rowKey(row) === at.current));
  useCommand('move', ({ by }) => move(by === 'first' ? 0 : by === 'last' ? rows.length - 1 : cursorIndex() + by));
  useCommand('open', () => {
    const row = rows[cursorIndex()];
    if (!onOpen || row === undefined) return false;
    onOpen(row);
  });

  return (
    <div class="table-box" ref={box}>
      <table aria-rowcount={rows.length + 1}>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <Head key={column.title} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <Spacer height={first * rowHeight} />
        <tbody style={{ '--row': `${rowHeight}px` }}>
          {rows.slice(first, end).map((row, i) => {
            const key = rowKey(row);
            return (
              <tr
                key={key}
                class={`${rowClass?.(row) ?? ''}${key === openKey ? ' open' : ''}${onOpen ? ' openable' : ''}`}
                aria-rowindex={first + i + 2}
                aria-current={key === openKey ? 'true' : undefined}
                tabIndex={key === cursor || (cursor === undefined && first + i === 0) ? 0 : -1}
                onFocus={() => setCursor(key)}
                onClick={(event) => {
                  // ignores clicks on links and clicks that end a text selection
                  const onText = getSelection()?.isCollapsed === false;
                  if (!(event.target as Element).closest('a, button') && !onText) onOpen?.(row);
                }}
              >
                {columns.map((column) => (
                  <td key={column.title} class={column.class}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
        <Spacer height={(rows.length - end) * rowHeight} />
      </table>
      {rows.length === 0 && <div class="table-empty">{empty}</div>}
    </div>
  );
}

function Spacer({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tbody class="spacer" aria-hidden="true">
      <tr style={{ height: `${height}px` }}>
        <td />
      </tr>
    </tbody>
  );
}

function Head<Row>({
  column,
  sort,
  onSort,
}: {
  column: Column<Row>;
  sort: string | undefined;
  onSort: ((sort: string) => void) | undefined;
}) {
  if (!column.sortBy || !onSort)
    return (
      <th scope="col" class={column.class}>
        {column.title}
      </th>
    );
  const direction = sort === column.title ? 'ascending' : sort === `-${column.title}` ? 'descending' : 'none';
  return (
    <th scope="col" class={column.class} aria-sort={direction}>
      <button
        type="button"
        class="sort"
        onClick={() => onSort(direction === 'ascending' ? `-${column.title}` : column.title)}
      >
        {column.title}
        <span aria-hidden="true">{direction === 'ascending' ? ' ↑' : direction === 'descending' ? ' ↓' : ''}</span>
      </button>
    </th>
  );
}

/** Sorts `rows` by `sort` (see TableProps), null last. Returns them unchanged if `sort` is not a sortable column. */
export function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: string): readonly Row[] {
  const descending = sort.startsWith('-');
  const sortBy = columns.find((column) => column.title === sort.replace(/^-/, ''))?.sortBy;
  if (!sortBy) return rows;
  return rows.toSorted((a, b) => {
    const [left, right] = [sortBy(a), sortBy(b)];
    if (left === right) return 0;
    if (left === null) return 1;
    if (right === null) return -1;
    const order =
      typeof left === 'number' && typeof right === 'number'
        ? left - right
        : natural.compare(String(left), String(right));
    return descending ? -order : order;
  });
}

/** `node-2` before `node-10`. */
const natural = new Intl.Collator('en', { numeric: true });
