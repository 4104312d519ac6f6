import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { useEffect, useState, type FormEvent, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { SignedIn } from "../../api/generated/operations.ts";
import { signInWaysQuery } from "../../api/queries/access.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { TextField } from "../../components/field.tsx";
import { useConnection } from "../../live/live-context.tsx";
import { enter, safeReturn } from "../../session/session.ts";
import { providerProblem } from "./provider-problem.ts";
import styles from "./sign-in-page.module.css";

/** The token of a link is behind `#`, where no server or proxy logs it. It leaves the address before anybody sees it. */
function takeToken(): string {
  const token = globalThis.location.hash.slice(1);
  if (token !== "")
    globalThis.history.replaceState(
      globalThis.history.state,
      "",
      globalThis.location.pathname + globalThis.location.search,
    );
  return token;
}

let tokenOfLink: string | null = null;

/** Signs in when a button is pressed and not before: what looks at links in mails and chats uses none up. */
export function SignInPage(): ReactElement {
  const [token] = useState(() => (tokenOfLink ??= takeToken()));
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const { return_to, ended, problem, request_id: requestId } = useSearch({ from: "/sign-in" });
  const { data: ways } = useQuery(signInWaysQuery());
  const client = useQueryClient();
  const connection = useConnection();
  const router = useRouter();
  useEffect(() => {
    document.title = "Sign in · Waybill";
  }, []);

  const signIn = async (work: () => Promise<SignedIn>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const { csrf_token } = await work();
      tokenOfLink = "";
      await enter(client, connection, csrf_token);
      await router.navigate({ href: safeReturn(return_to), replace: true });
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  const withPassword = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [name, password] = [text(form, "name"), text(form, "password")];
    void signIn(() => call("signInWithPassword", { body: { name, password } }));
  };
  const withLink = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = text(new FormData(event.currentTarget), "token").trim().replace(/^.*#/, "");
    void signIn(() => call("signInWithLink", { body: { token: given } }));
  };

  // What was wrong on the way through the identity provider, until something else is.
  const shown = error ?? (problem === undefined ? null : providerProblem(problem, requestId ?? ""));
  const link = (
    <form onSubmit={withLink} className={styles.form}>
      <TextField
        label="One-time link"
        name="token"
        required
        defaultValue={token}
        isCode
        autoComplete="off"
        spellCheck={false}
        hint="As the server printed it, or an administrator sent it."
      />
      <Button type="submit" kind={token === "" ? "plain" : "primary"} isBusy={isBusy}>
        Sign in with the link
      </Button>
    </form>
  );
  const password = (
    <form onSubmit={withPassword} className={styles.form}>
      <TextField label="Name" name="name" required autoComplete="username" autoCapitalize="none" spellCheck={false} />
      <TextField label="Password" name="password" type="password" required autoComplete="current-password" />
      <Button type="submit" kind={token === "" ? "primary" : "plain"} isBusy={isBusy}>
        Sign in
      </Button>
    </form>
  );
  const parts = token === "" ? [password, link] : [link, password];
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <h1 className={styles.title}>Sign in to Waybill</h1>
        {ended === undefined || shown !== null ? null : (
          <p className={styles.ended} role="status">
            Your session has ended. Sign in again, and you are back where you were.
          </p>
        )}
        {shown === null ? null : <ErrorPanel error={shown} />}
        {ways?.oidc === true ? (
          <a className={styles.provider} href={`/sign-in/oidc?return_to=${encodeURIComponent(safeReturn(return_to))}`}>
            Sign in through your organisation
          </a>
        ) : null}
        {parts[0]}
        <div className={styles.or} role="separator">
          or
        </div>
        {parts[1]}
      </div>
    </main>
  );
}

function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}
