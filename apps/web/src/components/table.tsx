import type { ReactElement, ReactNode } from "react";
import { classNames } from "./class-names.ts";
import styles from "./table.module.css";

export interface Column<Row> {
  readonly id: string;
  readonly head: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  /** Numbers stand at the right, digits below digits. */
  readonly isNumber?: boolean;
  /** Takes what room is left; what does not fit is cut. */
  readonly isWide?: boolean;
  /** Left out on a phone: what the others do not need to be understood. */
  readonly isExtra?: boolean;
}

export interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly isSelected?: (row: Row) => boolean;
}

/** A dense table. Rows that lead somewhere have a link in their first cell; `j` and `k` move between those. */
export function Table<Row>({ label, columns, rows, keyOf, isSelected }: TableProps<Row>): ReactElement {
  return (
    <table className={styles.table} aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.id} scope="col" className={classOf(column)}>
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} className={classNames(isSelected?.(row) === true && styles.selected)}>
            {columns.map((column) => (
              <td key={column.id} className={classOf(column)}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function classOf<Row>({ isNumber, isWide, isExtra }: Column<Row>): string {
  return classNames(
    isNumber === true && styles.number,
    isWide === true && styles.wide,
    isExtra === true && styles.extra,
  );
}
