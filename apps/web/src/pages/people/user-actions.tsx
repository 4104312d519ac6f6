import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { call, type Args } from "../../api/client.ts";
import type { User } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { Button } from "../../components/button.tsx";
import { CommandHint } from "../../components/command-hint.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Menu } from "../../components/menu.tsx";
import { shellWord } from "../../components/shell-word.ts";
import { tell, tellError } from "../../components/toast.tsx";

type Change = NonNullable<Args<"changeUser">["body"]>;

interface Asked {
  readonly title: string;
  readonly effect: string;
  readonly confirm: string;
  readonly change: Change;
}

export interface UserActionsProps {
  readonly user: User;
  readonly isMe: boolean;
  readonly onInvite: () => void;
}

/** What an administrator does with a user; each thing names its effect first. */
export function UserActions({ user, isMe, onInvite }: UserActionsProps): ReactElement {
  const client = useQueryClient();
  const [asked, setAsked] = useState<Asked | "link" | null>(null);
  const close = (): void => setAsked(null);
  const change = useMutation({
    mutationFn: (body: Change) => call("changeUser", { params: { id: user.id }, body }),
    onSuccess: async () => {
      close();
      tell("The user is changed", user.name);
      await client.invalidateQueries({ queryKey: keys.users });
    },
    onError: (error) => tellError("The user stays as it is", error),
  });
  const { name, server_admin: isAdmin, disabled_at: disabledAt } = user;
  const mine = isMe ? "It is you: another administrator has to." : null;
  const trigger = <Button icon="more" label={`Actions for ${name}`} data-row="" isBusy={change.isPending} />;
  return (
    <>
      <Menu
        trigger={trigger}
        items={[
          {
            label: "Make a sign-in link",
            icon: "link",
            disabledReason: disabledAt === null ? null : "The user is disabled.",
            onSelect: () => setAsked("link"),
          },
          isAdmin
            ? {
                label: "Take the server away",
                icon: "user",
                isDangerous: true,
                disabledReason: mine,
                onSelect: () =>
                  setAsked({
                    title: `Is ${name} no administrator any more?`,
                    effect: `${name} keeps the roles in projects and loses everything else: users, other projects, the server's health.`,
                    confirm: "Take it away",
                    change: { server_admin: false },
                  }),
              }
            : {
                label: "Make administrator",
                icon: "user",
                isDangerous: true,
                onSelect: () =>
                  setAsked({
                    title: `Make ${name} an administrator?`,
                    effect: `${name} may then do everything in every project, and make and disable users, you among them.`,
                    confirm: "Make administrator",
                    change: { server_admin: true },
                  }),
              },
          disabledAt === null
            ? {
                label: "Disable",
                icon: "cancel",
                isDangerous: true,
                disabledReason: mine,
                onSelect: () =>
                  setAsked({
                    title: `Disable ${name}?`,
                    effect: `${name} is signed out everywhere at once, and personal tokens of ${name} are worth nothing. Roles stay, for when the user is enabled again.`,
                    confirm: "Disable the user",
                    change: { is_disabled: true },
                  }),
              }
            : { label: "Enable", icon: "check", onSelect: () => change.mutate({ is_disabled: false }) },
        ]}
      />
      <Dialog
        isOpen={asked !== null}
        onClose={close}
        title={asked === "link" ? `A sign-in link for ${name}?` : (asked?.title ?? "")}
        actions={
          <>
            <Button onClick={close}>Leave it</Button>
            {asked === "link" ? (
              <Button
                kind="primary"
                onClick={() => {
                  close();
                  onInvite();
                }}
              >
                Make the link
              </Button>
            ) : (
              <Button
                kind="danger"
                isBusy={change.isPending}
                onClick={() => (asked === null ? undefined : change.mutate(asked.change))}
              >
                {asked?.confirm}
              </Button>
            )}
          </>
        }
      >
        <div className="stack wrap">
          <p>
            {asked === "link"
              ? `Whoever has the link signs in as ${name}, once, within ten minutes. The audit log keeps that you made it.`
              : asked?.effect}
          </p>
          {asked === "link" ? <CommandHint command={`waybill server sign-in-link ${shellWord(name)}`} /> : null}
        </div>
      </Dialog>
    </>
  );
}
