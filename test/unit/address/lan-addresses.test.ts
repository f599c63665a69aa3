import type { NetworkInterfaceInfo } from "node:os";
import { describe, expect, test } from "@jest/globals";
import { rankLanAddresses, type LanAddresses, type NetworkEvidence } from "../../../src/address/lan-addresses.ts";

const REAL_MAC = "a4:bb:6d:00:00:01";

function ipv4(address: string, mac = REAL_MAC, internal = false): NetworkInterfaceInfo[] {
  return [{ address, netmask: "255.255.255.0", family: "IPv4", mac, internal, cidr: null }];
}

function ipv6(address: string): NetworkInterfaceInfo[] {
  return [{ address, netmask: "ffff::", family: "IPv6", mac: REAL_MAC, internal: false, cidr: null, scopeid: 0 }];
}

const LOOPBACK: NetworkEvidence["interfaces"] = {
  lo: ipv4("127.0.0.1", "00:00:00:00:00:00", true),
};

function rank(
  interfaces: NetworkEvidence["interfaces"],
  { defaultRoute, habitat = "machine" }: Partial<Omit<NetworkEvidence, "interfaces">> = {},
): LanAddresses {
  return rankLanAddresses({ interfaces: { ...LOOPBACK, ...interfaces }, defaultRoute, habitat });
}

function best(...parameters: Parameters<typeof rank>): string | undefined {
  return rank(...parameters).best;
}

const WLAN = ipv4("192.168.1.7");

describe("the address phones are told", () => {
  test("is the Wi-Fi's, whatever else the machine has", () => {
    const found = rank({
      docker0: ipv4("172.17.0.1"),
      "br-4f1c": ipv4("192.168.99.1"),
      veth12ab: ipv4("192.168.98.1"),
      tailscale0: ipv4("100.101.102.103"),
      wlan0: [...ipv6("fe80::1"), ...WLAN],
    });
    expect(found).toEqual({ best: "192.168.1.7", others: [], hiddenBy: undefined });
  });

  test.each(["docker0", "br-4f1c", "veth12ab", "virbr0", "tailscale0", "wg0", "tun0", "vboxnet0", "zt5u4", "lxdbr0"])(
    "is never that of %s, even where it looks like a home's",
    (name) => {
      expect(rank({ [name]: ipv4("192.168.77.1"), eth0: ipv4("203.0.113.5") })).toMatchObject({
        best: "203.0.113.5",
        others: [],
      });
    },
  );

  test.each<[string, NetworkEvidence["interfaces"], string]>([
    ["macOS", { bridge100: ipv4("192.168.64.1"), utun3: ipv4("10.8.0.2"), en0: ipv4("10.0.1.5") }, "10.0.1.5"],
    [
      "Windows",
      {
        "vEthernet (WSL)": ipv4("172.28.0.1", "00:15:5d:00:00:01"),
        "VMware Network": ipv4("192.168.56.1", "00:50:56:c0:00:08"),
        "Wi-Fi": ipv4("192.168.0.4"),
      },
      "192.168.0.4",
    ],
    [
      "Windows with VirtualBox, whose adapter has a name like any other",
      { "Ethernet 3": ipv4("192.168.56.1", "0a:00:27:00:00:0d"), WLAN: ipv4("10.0.0.4") },
      "10.0.0.4",
    ],
    [
      "Windows with VMware's two adapters under names of the user's",
      {
        "Ethernet 4": ipv4("192.168.56.1", "00:50:56:c0:00:01"),
        "Ethernet 5": ipv4("192.168.57.1", "00:50:56:c0:00:08"),
        WLAN: ipv4("10.0.0.4"),
      },
      "10.0.0.4",
    ],
    [
      "Windows with a VPN on a TAP adapter",
      { "Ethernet 2": ipv4("192.168.200.6", "00:ff:12:34:56:78"), WLAN: ipv4("10.0.0.4") },
      "10.0.0.4",
    ],
    [
      "a machine with a point-to-point link",
      { link9: ipv4("192.168.9.2", "00:00:00:00:00:00"), en0: ipv4("10.0.0.4") },
      "10.0.0.4",
    ],
  ])("skips what is virtual on %s", (_, interfaces, address) => {
    expect(best(interfaces)).toBe(address);
  });

  test.each<[string, string, string]>([
    ["VirtualBox", "08:00:27:aa:bb:cc", "192.168.1.50"],
    ["VMware", "00:0c:29:aa:bb:cc", "192.168.1.51"],
    ["VMware with an address of the user's", "00:50:56:aa:bb:cc", "192.168.1.52"],
    ["ESX", "00:05:69:aa:bb:cc", "192.168.1.53"],
    ["Hyper-V", "00:15:5d:aa:bb:cc", "192.168.1.54"],
    ["Parallels", "00:1c:42:aa:bb:cc", "192.168.1.55"],
    ["QEMU", "52:54:00:aa:bb:cc", "192.168.1.56"],
    ["Docker", "02:42:ac:11:00:02", "172.17.0.2"],
  ])("is a guest's only one inside %s, though it looks virtual; a real one comes before it", (_, mac, address) => {
    expect(best({ eth0: ipv4(address, mac) })).toBe(address);
    expect(rank({ eth0: ipv4(address, mac), eth1: ipv4("10.0.0.9") })).toMatchObject({
      best: "10.0.0.9",
      others: [address],
    });
  });

  test("is where the default route leaves, of two networks; the other one is named", () => {
    const interfaces = { Ethernet: ipv4("10.20.0.8"), WLAN };
    expect(rank(interfaces, { defaultRoute: "10.20.0.8" })).toMatchObject({
      best: "10.20.0.8",
      others: ["192.168.1.7"],
    });
    expect(rank(interfaces)).toMatchObject({ best: "192.168.1.7", others: ["10.20.0.8"] });
  });

  test.each<[string, NetworkInterfaceInfo[]]>([
    ["tun0", ipv4("10.8.0.2")],
    ["wg0", ipv4("10.8.0.2")],
    ["wwan0", ipv4("10.8.0.2")],
    ["Ethernet 2", ipv4("10.8.0.2", "00:ff:12:34:56:78")],
    ["corporate", ipv4("10.8.0.2", "00:00:00:00:00:00")],
    ["Radmin VPN", ipv4("10.8.0.2")],
    ["SurfsharkVPN", ipv4("10.8.0.2")],
    ["Hamachi", ipv4("10.8.0.2")],
    ["CloudflareWARP", ipv4("10.8.0.2")],
  ])("is not the VPN's or the mobile network's, though the default route leaves there: %s", (name, infos) => {
    expect(best({ [name]: infos, wlan0: WLAN }, { defaultRoute: "10.8.0.2" })).toBe("192.168.1.7");
  });

  test.each<[string, NetworkInterfaceInfo[]]>([
    ["vEthernet (External)", ipv4("192.168.1.7")],
    ["bridge0", ipv4("192.168.1.7")],
    ["eth0", ipv4("192.168.1.7", "52:54:00:aa:bb:cc")],
  ])("is a bridge's or a guest's where the default route leaves there: %s", (name, infos) => {
    const interfaces = { [name]: infos, other0: ipv4("192.168.56.2") };
    expect(best(interfaces, { defaultRoute: "192.168.1.7" })).toBe("192.168.1.7");
  });

  test("does not follow a default route that is gone", () => {
    expect(best({ wlan0: WLAN }, { defaultRoute: "192.168.0.99" })).toBe("192.168.1.7");
  });

  test("is a private one before a public one, and a home's before a company's", () => {
    expect(best({ eth0: ipv4("203.0.113.5"), eth1: ipv4("10.2.3.4") })).toBe("10.2.3.4");
    expect(best({ eth0: ipv4("10.2.3.4"), wlan0: ipv4("192.168.2.2") })).toBe("192.168.2.2");
    expect(best({ eth0: ipv4("172.32.0.1"), eth1: ipv4("172.31.0.1") })).toBe("172.31.0.1");
  });

  test("is a public one where there is no private one", () => {
    expect(best({ eth0: ipv4("169.254.3.4"), eth1: ipv4("203.0.113.5") })).toBe("203.0.113.5");
  });

  test("is a self-given one where there is nothing better, as with two machines on one cable", () => {
    expect(best({ eth0: ipv4("169.254.3.4") })).toBe("169.254.3.4");
  });

  test.each<[string, NetworkEvidence["interfaces"]]>([
    ["no network", {}],
    ["IPv6 alone", { eth0: ipv6("2001:db8::1") }],
    ["a tunnel alone", { wg0: ipv4("10.9.0.2") }],
    ["VirtualBox's own network alone", { "Ethernet 3": ipv4("192.168.56.1", "0a:00:27:00:00:0d") }],
  ])("is none with %s", (_, interfaces) => {
    expect(rank(interfaces)).toEqual({ best: undefined, others: [], hiddenBy: undefined });
  });
});

describe("an address that phones cannot reach", () => {
  test.each<[NetworkEvidence["habitat"], string, LanAddresses["hiddenBy"]]>([
    ["container", "172.17.0.2", "container"],
    ["container", "172.20.0.3", "container"],
    ["container", "10.88.0.4", "container"],
    ["container", "192.168.1.60", undefined], // its own address in the local network (macvlan), or the machine's (host network)
    ["wsl", "172.28.112.9", "wsl"],
    ["wsl", "192.168.1.7", undefined], // mirrored networking
    ["machine", "172.17.0.2", undefined],
    ["machine", "10.0.2.15", "nat"],
  ])("in a %s with %s: %s", (habitat, address, hiddenBy) => {
    expect(rank({ eth0: ipv4(address) }, { habitat })).toMatchObject({ best: address, hiddenBy });
  });
});
