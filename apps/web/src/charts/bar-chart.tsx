import type { ReactElement } from "react";
import { classNames } from "../components/class-names.ts";
import { ChartFrame, fillOf, type ChartProps } from "./chart-frame.tsx";
import styles from "./chart.module.css";

const WIDEST = 22;
const GAP = 2;

/** Counts: a bar for each column, its series upon each other. */
export function BarChart(props: ChartProps): ReactElement {
  const { series, columns } = props;
  return (
    <ChartFrame {...props} kind="bars">
      {({ xOf, yOf, step }) =>
        columns.map(({ id, values }, at) => {
          const width = Math.max(1, Math.min(WIDEST, step - GAP));
          let below = 0;
          return (
            <g key={id}>
              {series.map(({ name, tone }, index) => {
                const value = values[index] ?? 0;
                if (value === 0) return null;
                const y = yOf(below + value);
                const height = yOf(below) - y;
                below += value;
                return (
                  <rect
                    key={name}
                    className={classNames(styles.bar, styles[tone])}
                    style={fillOf(tone)}
                    x={xOf(at) - width / 2}
                    y={y}
                    width={width}
                    height={height}
                  />
                );
              })}
            </g>
          );
        })
      }
    </ChartFrame>
  );
}
