/** Two jobs, the second after the first, that take no time. */
export const TWO_JOBS = `name: demo
jobs:
  build:
    steps:
      - name: compile
        script:
          - echo compiling
          - echo careful >&2
  test:
    depends_on: [build]
    steps:
      - name: unit
        script:
          - echo testing
`;

/** Its only step fails. */
export const FAILING = `name: demo
jobs:
  test:
    steps:
      - name: unit
        script:
          - echo expected 1, got 2
          - exit 3
`;

/** Two mistakes: a job that does not exist, and a job without steps. */
export const BROKEN = `name: demo
jobs:
  build:
    steps: []
  test:
    depends_on: [biuld]
    steps:
      - name: unit
        script:
          - echo testing
`;
