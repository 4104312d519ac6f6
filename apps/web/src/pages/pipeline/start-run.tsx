import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useId, useState, type ReactElement } from "react";
import { problemOf } from "../../api/api-error.ts";
import { call } from "../../api/client.ts";
import type { Pipeline } from "../../api/generated/operations.ts";
import { definitionQuery } from "../../api/queries/projects.ts";
import { Button } from "../../components/button.tsx";
import { CommandHint } from "../../components/command-hint.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { tell } from "../../components/toast.tsx";
import { InputField } from "./input-field.tsx";
import { initialText, problemsOf, triggerCommand, valuesOf, type InputTexts } from "./input-values.ts";
import { RefField } from "./ref-field.tsx";
import styles from "./start-run.module.css";

export interface StartRunProps {
  readonly pipeline: Pipeline;
  /** For the command: with its project. */
  readonly name: string;
  readonly at: string | undefined;
  readonly onClose: () => void;
}

/** Starts a run by hand: on a branch, with the inputs that the file asks for there. */
export function StartRun({ pipeline, name, at, onClose }: StartRunProps): ReactElement {
  const navigate = useNavigate();
  const form = useId();
  const [ref, setRef] = useState(at ?? "");
  const [texts, setTexts] = useState<InputTexts>({});
  const [isTried, setTried] = useState(false);
  const file = useQuery(definitionQuery(pipeline.id, ref === "" ? undefined : ref));
  const inputs = file.data?.inputs ?? [];
  const filled: InputTexts = Object.fromEntries(
    inputs.map((input) => [input.name, texts[input.name] ?? initialText(input)]),
  );
  const problems = problemsOf(inputs, filled);
  const start = useMutation({
    mutationFn: () =>
      call("triggerRun", {
        params: { id: pipeline.id },
        body: { ...(ref === "" ? {} : { ref }), inputs: valuesOf(inputs, filled) },
      }),
    onSuccess: async ({ id, number }) => {
      tell(`Run #${number} begins`);
      await navigate({ to: "/runs/$id", params: { id }, search: {} });
    },
  });
  const isBroken = (file.data?.error_count ?? 0) > 0;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Start ${pipeline.name}`}
      actions={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button
            kind="primary"
            icon="play"
            type="submit"
            form={form}
            isBusy={start.isPending}
            disabledReason={isBroken ? "The pipeline file has errors on this branch." : null}
          >
            Start
          </Button>
        </>
      }
    >
      <form
        id={form}
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          // What the file asks for is known once it has been read; where it cannot be, the server says why.
          if (Object.keys(problems).length === 0 && !isBroken && !file.isPending) start.mutate();
        }}
      >
        <RefField pipeline={pipeline} label="Branch or tag" value={ref} onChange={setRef} />
        {file.isPending ? <Skeleton rows={1} label="Reading what the pipeline asks for" /> : null}
        {file.error === null ? null : <p className={styles.problem}>{problemOf(file.error).detail}</p>}
        {isBroken ? (
          <p className={styles.problem}>
            The pipeline file has errors on this branch:{" "}
            <Link
              to="/pipelines/$id"
              params={{ id: pipeline.id }}
              search={{ tab: "definition", ...(ref === "" ? {} : { at: ref }) }}
            >
              see them
            </Link>
          </p>
        ) : null}
        {inputs.map((input) => (
          <InputField
            key={input.name}
            input={input}
            text={filled[input.name] ?? ""}
            error={isTried ? problems[input.name] : undefined}
            onChange={(text) => setTexts({ ...texts, [input.name]: text })}
          />
        ))}
        {file.data !== undefined && inputs.length === 0 && !isBroken ? (
          <p className={styles.none}>The pipeline asks for no inputs.</p>
        ) : null}
        {start.error === null ? null : <ErrorPanel error={start.error} />}
        <CommandHint command={triggerCommand(name, ref, inputs, filled)} />
      </form>
    </Dialog>
  );
}
