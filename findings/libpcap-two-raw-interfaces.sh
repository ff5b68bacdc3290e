#!/usr/bin/env bash
# A pcapng file with two interfaces of raw IP (LINKTYPE_RAW, 101) is valid (draft-ietf-opsawg-pcapng §4.2: each interface
# has its own description), and Wireshark reads it. tcpdump does not: libpcap compares the second interface's LINKTYPE,
# 101, with the first one's DLT, which for raw IP is 12 on Linux (sf-pcapng.c, add_interface;
# pcap-common.c maps the one to the other). So two equal interfaces count as different. With link types whose
# two numbers are the same, such as Ethernet (1), two interfaces are fine, and so is one of raw IP.
#
# Seen with tcpdump 4.99.3 and libpcap 1.10.3 of Debian 12:
#   tcpdump: pcap_loop: an interface has a type 101 different from the type of the first interface
# Fails if that changes. Needs apt-get with Debian 12's package lists, and python3.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
cd "$dir"
apt-get download -qq tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 >/dev/null
for package in *.deb; do dpkg-deb -x "$package" unpacked; done
tcpdump=$dir/unpacked/usr/bin/tcpdump
libraries=$(dirname "$(find "$dir/unpacked" -name 'libpcap.so.0.8')")

python3 - <<'PYTHON'
import struct

def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    n = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + n + body + n

def write(name, link_type, interfaces, frame):
    file = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    file += block(1, struct.pack("<HHI", link_type, 0, 0)) * interfaces
    for i in range(interfaces):
        file += block(6, struct.pack("<IIIII", i, 0, 1_000_000 + i, len(frame), len(frame)) + frame)
    open(name, "wb").write(file)

tcp = struct.pack(">HHIIBBHHH", 40000, 8330, 1, 0, 5 << 4, 2, 64240, 0, 0)
ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])) + tcp
write("one-raw.pcapng", 101, 1, ip)
write("two-raw.pcapng", 101, 2, ip)
write("two-ethernet.pcapng", 1, 2, b"\2" * 12 + b"\x08\0" + ip)
PYTHON

read_by_tcpdump() { LD_LIBRARY_PATH=$libraries "$tcpdump" -nn -r "$1" >out 2>err && echo "$(wc -l <out) packets" || grep -o 'an interface has .*' err; }
LD_LIBRARY_PATH=$libraries "$tcpdump" --version | head -2
for case in "one-raw:1 packets" "two-ethernet:2 packets" "two-raw:an interface has a type 101 different from the type of the first interface"; do
	got=$(read_by_tcpdump "${case%%:*}.pcapng")
	echo "${case%%:*}: $got"
	[ "$got" = "${case#*:}" ] || { echo "expected: ${case#*:}"; exit 1; }
done
