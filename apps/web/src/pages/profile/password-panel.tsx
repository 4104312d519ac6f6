import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { TextField } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { tell } from "../../components/toast.tsx";

const MIN_LENGTH = 12;

/** Sets a password, in place of the one there is. */
export function PasswordPanel(): ReactElement {
  const client = useQueryClient();
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [isTold, setTold] = useState(false);
  const save = useMutation({
    gcTime: 0,
    mutationFn: () =>
      call("setMyPassword", { body: { password, ...(current === "" ? {} : { current_password: current }) } }),
    onSuccess: async () => {
      for (const clear of [setCurrent, setPassword, setAgain]) clear("");
      setTold(false);
      tell("The password is set", "Your other sessions have ended.");
      await client.invalidateQueries({ queryKey: keys.mySessions });
    },
  });
  const problem = password.length < MIN_LENGTH ? "length" : again === password ? null : "different";
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTold(true);
    if (problem === null) save.mutate();
  };
  return (
    <Panel title="Password">
      <form className="stack" onSubmit={submit}>
        {save.error === null ? null : <ErrorPanel error={save.error} />}
        <TextField
          label="Password you have now"
          type="password"
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
          hint="Empty, where you have none yet."
        />
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          hint={`${MIN_LENGTH} characters or more.`}
          error={isTold && problem === "length" ? `It needs ${MIN_LENGTH} characters or more.` : undefined}
        />
        <TextField
          label="New password once more"
          type="password"
          autoComplete="new-password"
          required
          value={again}
          onChange={(event) => setAgain(event.target.value)}
          error={isTold && problem === "different" ? "It is not the same." : undefined}
        />
        <div className="row">
          <Button type="submit" isBusy={save.isPending}>
            Set the password
          </Button>
          <span className="quiet">Ends your other sessions.</span>
        </div>
      </form>
    </Panel>
  );
}
