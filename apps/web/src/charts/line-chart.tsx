import type { ReactElement } from "react";
import { classNames } from "../components/class-names.ts";
import { ChartFrame, type ChartProps } from "./chart-frame.tsx";
import { stretchesOf } from "./scale.ts";
import styles from "./chart.module.css";

/** Trends: a line for each series, broken where there is no value; each value has its dot. */
export function LineChart(props: ChartProps): ReactElement {
  const { series, columns } = props;
  return (
    <ChartFrame {...props} kind="lines">
      {({ xOf, yOf }) =>
        series.map(({ name, tone }, index) => {
          const points = columns.map(({ values }, at) => {
            const value = values[index];
            return value === null || value === undefined ? null : { x: xOf(at), y: yOf(value) };
          });
          return (
            <g key={name}>
              {stretchesOf(points).map((stretch) => (
                <polyline
                  key={stretch[0]?.x}
                  className={classNames(styles.line, styles[`${tone}Line`])}
                  points={stretch.map(({ x, y }) => `${x},${y}`).join(" ")}
                />
              ))}
              {points.map((point) =>
                point === null ? null : (
                  <circle
                    key={point.x}
                    className={classNames(styles.dot, styles[`${tone}Dot`])}
                    cx={point.x}
                    cy={point.y}
                    r="2.2"
                  />
                ),
              )}
            </g>
          );
        })
      }
    </ChartFrame>
  );
}
