import { useMutation } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { call } from "../../api/client.ts";
import { ConfirmButton } from "../../components/confirm-button.tsx";
import { countOf } from "../../components/format.ts";
import { Panel } from "../../components/panel.tsx";
import { StatusMark } from "../../components/status-mark.tsx";
import { tellError } from "../../components/toast.tsx";
import { useMay } from "../../session/use-may.ts";

/** The last step of a change of the key that secrets are encrypted with. */
export function ReencryptSecrets(): ReactElement {
  const may = useMay("reencryptSecrets", null);
  const reencrypt = useMutation({
    mutationFn: () => call("reencryptSecrets", {}),
    onError: (error) => tellError("The secrets stay as they are encrypted", error),
  });
  const done = reencrypt.data;
  return (
    <Panel
      title="Key of secrets"
      actions={
        <ConfirmButton
          kind="plain"
          icon="key"
          disabledReason={may.isAllowed ? null : may.reason}
          title="Encrypt all secrets anew?"
          effect="Every secret that is not encrypted with the newest key of the server is encrypted with it. Values stay the same, jobs notice nothing. Interrupted, it goes on when it is begun again."
          confirm="Encrypt anew"
          isBusy={reencrypt.isPending}
          onConfirm={() => reencrypt.mutateAsync()}
        >
          Encrypt anew
        </ConfirmButton>
      }
    >
      {done === undefined ? (
        <p className="quiet">After a new key was put before the old one in the server&apos;s file of keys.</p>
      ) : (
        <div className="stack wrap" role="status">
          <StatusMark
            status={done.unreadable.length === 0 ? "success" : "failed"}
            word={`${countOf(done.reencrypted, "secret")} encrypted anew`}
          />
          {done.unreadable.length === 0 ? null : (
            <p>
              No key of this server decrypts {done.unreadable.map(({ name }) => name).join(", ")}. Missing keys:{" "}
              {done.missing_keys.join(", ")}. Bring them back, or give these secrets anew.
            </p>
          )}
        </div>
      )}
    </Panel>
  );
}
