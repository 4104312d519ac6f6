/**
 * A `.shipinator.yaml` with what that format has: a build stage whose outputs are kept, test steps side by side that wait
 * for each other, and one behind them that uses what was built.
 *
 * @param gates a directory: the stages wait for the files `go-build` and `go-test` in it
 */
export function stagedPipeline(gates: string): string {
  const until = (file: string): string => `until [ -e ${gates}/${file} ]; do sleep 0.02; done`;
  return `version: 1
build:
  steps:
    - name: compile
      env: { TEXT: built }
      run: |
        ${until("go-build")}
        mkdir -p bin && echo "echo $TEXT" > bin/app && echo compiled
      outputs:
        - { name: app, type: go-binary, path: bin/app }
        - { name: image, type: oci-image, ref: "images.test/app:1" }
    - name: pack
      run: echo chart > chart.tgz
      outputs: [{ name: chart, type: helm-chart, path: chart.tgz }]
test:
  steps:
    - name: unit
      parallel_group: fast
      run: touch ${gates}/unit; ${until("style")}; echo "80 %" > cover.out
      outputs: [{ name: coverage, type: coverage, path: cover.out }]
    - name: style
      parallel_group: fast
      run: touch ${gates}/style; ${until("unit")}
    - name: acceptance
      run: ${until("go-test")}; test "$(sh bin/app)" = built && echo accepted
`;
}

/** Other files of the format, each in a directory of its name. */
export function otherPipelines(gates: string): Readonly<Record<string, string>> {
  const steps = (...list: readonly string[]): string => `{ steps: [${list.join(", ")}] }`;
  const files = {
    "only-test": `test: ${steps('{ name: unit, run: "echo tested" }')}`,
    failing: `build: ${steps('{ name: make, run: "true" }')}
test: ${steps(
      '{ name: broken, run: "exit 3", parallel_group: g }',
      `{ name: beside, run: "sleep 0.3; touch ${gates}/settled", parallel_group: g }`,
      `{ name: behind, run: "touch ${gates}/behind" }`,
    )}`,
    endless: `build: ${steps(`{ name: wait, run: "until [ -e ${gates}/never ]; do sleep 0.05; done" }`)}`,
    mistaken: `build: ${steps('{ name: make, script: ["true"] }')}`,
    "from-source": `build: ${steps('{ name: make, run: "true" }')}
deploy: { method: kubectl, kubectl: { manifests: deploy/, namespace: n } }`,
  };
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [`${name}/.shipinator.yaml`, `version: 1\n${text}\n`]),
  );
}
