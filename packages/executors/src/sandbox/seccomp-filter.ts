import { CLONE3, DENIED, IOCTL, NAMESPACE_MAKERS, type Architecture, type SystemCall } from "./syscalls.ts";

/*
 * The system call filter of a sandbox as a program of the kernel's classic BPF machine, in the form bubblewrap takes:
 * eight bytes an instruction. Everything is allowed but what `syscalls.ts` lists.
 */

/** Of `struct seccomp_data`, all little endian; arguments have eight bytes each, of which the lower four count. */
const OFFSET = { number: 0, architecture: 4, arguments: 16 };

const AUDIT_ARCHITECTURE: Readonly<Record<Architecture, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** x32 programs mark their calls so. Nothing uses them, and their numbers would slip past the list. */
const X32_BIT = 0x40000000;

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const REFUSE = 0x00050000;
const EPERM = 1;
const ENOSYS = 38;

const CLONE_NEWUSER = 0x10000000;

/** Put characters into a terminal as if they were typed there; another does so for the console. */
const TERMINAL_INJECTIONS = [0x5412, 0x541c];

const CODE = { load: 0x20, ifEqual: 0x15, ifAtLeast: 0x35, ifAnySet: 0x45, answer: 0x06 };

interface Instruction {
  readonly code: number;
  readonly value: number;
  /** How many instructions are passed over, where the condition holds and where it does not. */
  readonly skipTrue?: number;
  readonly skipFalse?: number;
}

function load(offset: number): Instruction {
  return { code: CODE.load, value: offset };
}

function answer(value: number): Instruction {
  return { code: CODE.answer, value };
}

/** What follows is passed over unless the loaded number fits. */
function onlyIf(code: number, value: number, length: number): Instruction {
  return { code, value, skipFalse: length };
}

/** Refuses `call` where `conditions` find something in its argument number `argument`. Leaves the call's number loaded. */
function unlessArgument(
  call: number,
  argument: number,
  conditions: readonly { readonly code: number; readonly value: number }[],
): Instruction[] {
  const tests = conditions.flatMap(({ code, value }) => [onlyIf(code, value, 1), answer(REFUSE | EPERM)]);
  const body = [load(OFFSET.arguments + 8 * argument), ...tests, load(OFFSET.number)];
  return [onlyIf(CODE.ifEqual, call, body.length), ...body];
}

/**
 * @param mayMakeUserNamespaces whether the sandbox's own way in still has to make one
 */
export function seccompFilter(architecture: Architecture, mayMakeUserNamespaces: boolean): Buffer {
  const numbers = (calls: readonly SystemCall[]): number[] => calls.flatMap((call) => call[architecture] ?? []);
  const namespaces = mayMakeUserNamespaces ? [] : numbers(NAMESPACE_MAKERS);
  const missing = mayMakeUserNamespaces ? [] : numbers([CLONE3]);
  const injections = TERMINAL_INJECTIONS.map((value) => ({ code: CODE.ifEqual, value }));
  const program: Instruction[] = [
    load(OFFSET.architecture),
    // Programs of another kind (32 bit) have other numbers, to which the list does not apply.
    { code: CODE.ifEqual, value: AUDIT_ARCHITECTURE[architecture], skipTrue: 1 },
    answer(KILL_PROCESS),
    load(OFFSET.number),
    ...(architecture === "x64" ? [onlyIf(CODE.ifAtLeast, X32_BIT, 1), answer(REFUSE | ENOSYS)] : []),
    ...numbers(DENIED).flatMap((number) => [onlyIf(CODE.ifEqual, number, 1), answer(REFUSE | EPERM)]),
    ...missing.flatMap((number) => [onlyIf(CODE.ifEqual, number, 1), answer(REFUSE | ENOSYS)]),
    ...namespaces.flatMap((number) => unlessArgument(number, 0, [{ code: CODE.ifAnySet, value: CLONE_NEWUSER }])),
    ...numbers([IOCTL]).flatMap((number) => unlessArgument(number, 1, injections)),
    answer(ALLOW),
  ];
  return Buffer.concat(program.map(assembled));
}

/** `struct sock_filter`. */
function assembled({ code, value, skipTrue = 0, skipFalse = 0 }: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(skipTrue, 2);
  bytes.writeUInt8(skipFalse, 3);
  bytes.writeUInt32LE(value, 4);
  return bytes;
}
