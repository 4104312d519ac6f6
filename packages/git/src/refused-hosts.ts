import { WaybillError } from "@waybill/core";
import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";

/**
 * Addresses where no repository is, but what tells a machine its own credentials: link-local ones, those of metadata
 * services, and "this host". Private networks and this machine are not among them: that is where own repositories are.
 */
const REFUSED = new BlockList();
REFUSED.addSubnet("0.0.0.0", 8);
REFUSED.addSubnet("169.254.0.0", 16);
REFUSED.addAddress("100.100.100.200");
REFUSED.addAddress("::", "ipv6");
REFUSED.addSubnet("fe80::", 10, "ipv6");
REFUSED.addAddress("fd00:ec2::254", "ipv6");

/** @param host of a parsed address, IPv6 in brackets */
export function isRefusedHost(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "");
  return isRefusedIp(name) || /^metadata(?:\.google\.internal)?\.?$/i.test(name);
}

/**
 * Whether a name leads to none of those, as the resolver of this machine sees it now. Who controls the name can answer
 * otherwise a moment later: what must not be reached at all belongs behind a firewall.
 *
 * @throws WaybillError `GIT_ADDRESS_INVALID`
 */
export async function checkResolvedHost(host: string): Promise<void> {
  // Git tells of names that there are not.
  const found = await lookup(host.replace(/^\[|\]$/g, ""), { all: true }).catch(() => []);
  if (found.some(({ address }) => isRefusedIp(address))) throw refused();
}

export function refused(): WaybillError {
  return new WaybillError("GIT_ADDRESS_INVALID", { problem: "its host is not one that may be asked" });
}

function isRefusedIp(address: string): boolean {
  const version = isIP(address.split("%")[0] ?? "");
  if (version === 0) return false;
  return REFUSED.check(address.split("%")[0] ?? "", version === 6 ? "ipv6" : "ipv4");
}
