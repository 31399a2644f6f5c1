import type { ReactNode } from "react";

import { Button } from "./Button";
import styles from "./Table.module.css";

export interface Column<T> {
  name: string;
  /** Shown on top; leave out for pictures and buttons, whose `name` is then only read aloud. */
  header?: ReactNode;
  cell: (row: T) => ReactNode;
  /** Numbers stand at the right. */
  numeric?: boolean;
  /** Takes the space that is left. */
  wide?: boolean;
}

export interface TableProps<T> {
  /** What the table lists; read aloud. */
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string | number;
  /** A line below a row, e.g. the sentence of a failure. */
  below?: (row: T) => ReactNode;
  /** The column that the line below starts under. */
  belowFrom?: number;
  more?: (() => void) | undefined;
  fetchingMore?: boolean;
}

/** A dense list. */
export function Table<T>({
  caption,
  columns,
  rows,
  rowKey,
  below,
  belowFrom = 0,
  more,
  fetchingMore,
}: TableProps<T>) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={classOf(column)}>
                {column.header ?? <span className="visually-hidden">{column.name}</span>}
              </th>
            ))}
          </tr>
        </thead>
        {rows.map((row) => {
          const note = below?.(row);
          return (
            <tbody key={rowKey(row)} className={styles.row}>
              <tr>
                {columns.map((column) => (
                  <td key={column.name} className={classOf(column)}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
              {note && (
                <tr className={styles.below}>
                  {belowFrom > 0 && <td colSpan={belowFrom} />}
                  <td colSpan={columns.length - belowFrom}>{note}</td>
                </tr>
              )}
            </tbody>
          );
        })}
      </table>
      {more && (
        <div className={styles.more}>
          <Button variant="quiet" onClick={more} busy={fetchingMore && "Loading more"}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
}

const classOf = <T,>({ numeric, wide }: Column<T>) =>
  [numeric && styles.numeric, wide && styles.wide].filter(Boolean).join(" ") || undefined;
