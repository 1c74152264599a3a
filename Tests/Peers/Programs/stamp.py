#!/usr/bin/env python3
"""STAMP from the text of RFC 8762 and RFC 8972, for tests of udplab's own: nothing of it is shared.

stamp.py send HOST:PORT [options]     a Session-Sender: a JSON object about its answers
stamp.py reflect [options]            a Session-Reflector on a free port of 127.0.0.1, which it prints
"""
import argparse
import hashlib
import hmac
import json
import select
import socket
import struct
import sys
import time

IP_RECVTTL = 12  # ip(7); the module has no name for it
UNIX_EPOCH_IN_NTP = 2_208_988_800
SECOND = 1_000_000_000


def stamp(ptp, ns):
    seconds, rest = divmod(ns, SECOND)
    if ptp:
        return struct.pack("!II", seconds & 0xFFFFFFFF, rest)
    return struct.pack("!II", (seconds + UNIX_EPOCH_IN_NTP) & 0xFFFFFFFF, (rest << 32) // SECOND)


def wall_ns(octets, ptp):
    seconds, rest = struct.unpack("!II", octets)
    if ptp:
        return seconds * SECOND + rest
    return ((seconds - UNIX_EPOCH_IN_NTP) & 0xFFFFFFFF) * SECOND + ((rest * SECOND) >> 32)


def estimate(ptp, error_ns):
    """RFC 4656 section 4.1.2; an error of None is a clock that is not synchronized."""
    if error_ns is None:
        return (0x4000 if ptp else 0) | 0x3FFF
    value = max(1, -(-error_ns * 2**32 // SECOND))
    scale = 0
    while value > 255:
        value = (value + 1) // 2
        scale += 1
    return 0x8000 | (0x4000 if ptp else 0) | scale << 8 | value


def tag(key, octets):
    return hmac.new(key, octets, hashlib.sha256).digest()[:16]


def tlv(kind, value, flags=0x80):
    return struct.pack("!BBH", flags, kind, len(value)) + value


def split(octets):
    """The TLVs of a packet as [flags, type, value in hexadecimal digits]."""
    found = []
    while len(octets) >= 4:
        flags, kind, length = struct.unpack("!BBH", octets[:4])
        found.append([flags, kind, octets[4 : 4 + length].hex()])
        octets = octets[4 + length :]
    return found


def request(options, key, sequence, now):
    """A Session-Sender's packet, RFC 8762 section 4.2, with the TLVs of --tlv."""
    e = struct.pack("!HH", estimate(options.ptp, options.error_ns), options.ssid)
    t = stamp(options.ptp, now)
    if key:
        base = struct.pack("!I", sequence) + bytes(12) + t + e + bytes(68)
        base += tag(key, base)
    else:
        base = struct.pack("!I", sequence) + t + e + bytes(28)
    more = b"".join(
        tlv(int(kind), bytes.fromhex(value))
        for kind, value in (text.split(":") for text in options.tlv)
    )
    if key and more:
        more += tlv(8, tag(key, base[:4] + more))
    return (base + more)[: options.bytes or None]


def fields(octets, key):
    """A reflected packet, RFC 8762 section 4.3."""
    at = [0, 16, 24, 26, 32, 48, 64, 72, 80] if key else [0, 4, 12, 14, 16, 24, 28, 36, 40]
    size = [4, 8, 2, 2, 8, 4, 8, 2, 1]
    return [octets[a : a + s] for a, s in zip(at, size)]


def send(options, key):
    host, port = options.address.rsplit(":", 1)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    channel = socket.socket(family, socket.SOCK_DGRAM)
    channel.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, options.tos)
    channel.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
    channel.connect((host.strip("[]"), int(port)))
    base = 112 if key else 44
    answers, rejected, sent = [], 0, {}

    def take(seconds):
        nonlocal rejected
        end = time.monotonic() + seconds
        while True:
            left = max(0, end - time.monotonic())
            if not select.select([channel], [], [], left)[0]:
                return
            octets, control, _, _ = channel.recvmsg(65535, 64)
            now = time.time_ns()
            if len(octets) < base or (key and tag(key, octets[:96]) != octets[96:112]):
                rejected += 1
                continue
            seq, t3, e, ssid, t2, sender_seq, t1, sender_e, ttl = fields(octets, key)
            number = struct.unpack("!I", sender_seq)[0]
            if sent.get(number) != t1:
                rejected += 1
                continue
            far_is_ptp = bool(e[0] & 0x40)
            own, there, back = (
                wall_ns(t1, options.ptp),
                wall_ns(t2, far_is_ptp),
                wall_ns(t3, far_is_ptp),
            )
            tlvs = split(octets[base:])
            if key and any(kind == 8 for _, kind, _ in tlvs):
                until = octets.index(bytes([0, 8, 0, 16]), base)
                holds = tag(key, seq + octets[base:until]) == octets[until + 4 : until + 20]
            else:
                holds = None
            answers.append(
                dict(
                    sequence=number,
                    reflector_sequence=struct.unpack("!I", seq)[0],
                    estimate=e.hex(),
                    sender_estimate=sender_e.hex(),
                    ssid=struct.unpack("!H", ssid)[0],
                    ttl=ttl[0],
                    bytes=len(octets),
                    forward_ns=there - own,
                    turn_ns=back - there,
                    backward_ns=now - back,
                    tlvs=tlvs,
                    tlvs_hold=holds,
                    tos=next((c[2][0] for c in control if c[1] == socket.IP_TOS), None),
                )
            )
            if len(answers) == options.count:
                return

    for sequence in range(options.count):
        now = time.time_ns()
        octets = request(options, key, sequence, now)
        sent[sequence] = stamp(options.ptp, now)
        channel.send(octets)
        take(options.interval)
    if len(answers) < options.count:
        take(options.wait)
    print(json.dumps(dict(answers=answers, rejected=rejected)))


def reflect(options, key):
    """Faults to be survived: --drop-forward and --drop-backward lose numbers of packets, --flip
    sends an altered copy before each answer.

    With --extensions it does what RFC 8972 asks for, and without it copies all TLVs. --bleach and
    --congest lose the codepoint of numbers of packets, or mark them with CE. --count-lost has in
    its counters packets that it lost."""
    channel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    channel.bind(("127.0.0.1", 0))
    channel.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
    channel.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
    print("127.0.0.1:%d" % channel.getsockname()[1], flush=True)
    base = 112 if key else 44
    counts = {}
    counters = {}
    lost_forward = set(options.drop_forward)
    lost_backward = set(options.drop_backward)
    while True:
        octets, control, _, peer = channel.recvmsg(65535, 64)
        t2 = time.time_ns() + options.shift_ns
        ttl = next((c[2][0] for c in control if c[1] == socket.IP_TTL), 255)
        if len(octets) < (base if key else 14):
            continue
        octets = octets.ljust(base, b"\0")
        if key and tag(key, octets[:96]) != octets[96:112]:
            continue
        number = struct.unpack("!I", octets[:4])[0]
        session = peer
        if not options.ignore_ssid:
            session += (octets[26:28] if key else octets[14:16],)
        if number not in lost_forward or number in options.count_lost:
            counters[session] = counters.get(session, options.counters_from) + 1
        if number in lost_forward:
            continue
        own = counts.get(session, 0) if options.stateful else number
        counts[session] = counts.get(session, 0) + 1
        if number in lost_backward:
            continue
        tos = next((c[2][0] for c in control if c[1] == socket.IP_TOS), 0)
        if number in options.bleach:
            tos &= 3
        if number in options.congest:
            tos |= 3
        tlvs, codepoint = octets[base:], None
        if options.extensions:
            tlvs, codepoint = reflected_tlvs(
                tlvs, options, key, octets[:4], struct.pack("!I", own), tos,
                (counters[session], counters[session]),
            )
        e = struct.pack("!H", estimate(options.ptp, options.error_ns))
        t3 = time.time_ns() + options.shift_ns
        if key:
            answer = struct.pack("!I", own) + bytes(12) + stamp(options.ptp, t3) + e
            answer += octets[26:28] + bytes(4) + stamp(options.ptp, t2) + bytes(8)
            answer += octets[:4] + bytes(12) + octets[16:24] + octets[24:26] + bytes(6)
            answer += bytes([ttl]) + bytes(15)
            answer += tag(key, answer)
        else:
            answer = struct.pack("!I", own) + stamp(options.ptp, t3) + e + octets[14:16]
            answer += stamp(options.ptp, t2) + octets[:4] + octets[4:12] + octets[12:14]
            answer += bytes(2) + bytes([ttl]) + bytes(3)
        if options.flip:
            # Every bit in turn; without a key those by which an answer finds its probe.
            places = range(112) if key else [14, 15, *range(24, 36)]
            bit = number % (8 * len(places))
            forged = bytearray(answer)
            forged[places[bit // 8]] ^= 1 << bit % 8
            channel.sendto(bytes(forged) + octets[base:], peer)
        marks = []
        if codepoint is not None:
            marks = [(socket.IPPROTO_IP, socket.IP_TOS, struct.pack("i", codepoint << 2))]
        channel.sendmsg([answer + tlvs], marks, 0, peer)


def reflected_tlvs(octets, options, key, number, own, tos, counts):
    """The TLVs of an answer, RFC 8972 section 4, and its codepoint, if one is asked for."""
    found, at = [], 0
    while at < len(octets):
        if len(octets) - at < 4:
            return octets, None
        _, kind, length = struct.unpack("!BBH", octets[at : at + 4])
        if at + 4 + length > len(octets):
            return octets, None
        found.append((kind, octets[at + 4 : at + 4 + length]))
        at += 4 + length
    hmacs = [value for kind, value in found if kind == 8]
    if hmacs or (key and [kind for kind, _ in found] not in ([], [1])):
        covered = number
        for kind, value in found:
            if kind == 8:
                break
            covered += tlv(kind, value)
        if not key or len(hmacs) != 1 or hmacs[0] != tag(key, covered):
            return b"".join(tlv(kind, value, 0xA0) for kind, value in found), None
    answer, codepoint = b"", None
    for kind, value in found:
        if kind in options.unknown:
            answer += tlv(kind, value, 0x80)
        elif kind == 1:
            answer += tlv(kind, value, 0)
        elif kind == 3:
            answer += tlv(kind, bytes(options.timestamping), 0)
        elif kind == 4:
            asked = value[0] >> 2
            refused = 1 if options.refuse_codepoint else 0
            codepoint = tos >> 2 if refused else asked
            bits = asked << 10 | (tos >> 2) << 4 | (tos & 3) << 2 | refused
            answer += tlv(kind, struct.pack("!HH", bits, 0), 0)
        elif kind == 5:
            received, sent = (count % 2**32 for count in counts)
            answer += tlv(kind, value[:4] + struct.pack("!II", received, sent), 0)
        elif kind == 8:
            made = tag(key, own + answer)
            if options.break_hmac:
                made = bytes([made[0] ^ 1]) + made[1:]
            answer += tlv(kind, made, 0)
        else:
            answer += tlv(kind, value, 0x80)
    return answer, codepoint


def numbers(text):
    return [int(number) for number in text.split(",") if number]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=["send", "reflect"])
    parser.add_argument("address", nargs="?")
    parser.add_argument("--key")
    parser.add_argument("--ptp", action="store_true")
    parser.add_argument("--error-ns", type=int)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--interval", type=float, default=0.002)
    parser.add_argument("--wait", type=float, default=10)
    parser.add_argument("--ssid", type=int, default=0)
    parser.add_argument("--tos", type=int, default=0)
    parser.add_argument("--bytes", type=int, default=0)
    parser.add_argument("--tlv", action="append", default=[])
    parser.add_argument("--stateful", action="store_true")
    parser.add_argument("--shift-ns", type=int, default=0)
    parser.add_argument("--flip", action="store_true")
    parser.add_argument("--drop-forward", type=numbers, default=[])
    parser.add_argument("--drop-backward", type=numbers, default=[])
    parser.add_argument("--extensions", action="store_true")
    parser.add_argument("--ignore-ssid", action="store_true")
    parser.add_argument("--refuse-codepoint", action="store_true")
    parser.add_argument("--break-hmac", action="store_true")
    parser.add_argument("--unknown", type=numbers, default=[])
    parser.add_argument("--bleach", type=numbers, default=[])
    parser.add_argument("--congest", type=numbers, default=[])
    parser.add_argument("--count-lost", type=numbers, default=[])
    parser.add_argument("--counters-from", type=int, default=0)
    parser.add_argument("--timestamping", type=numbers, default=[4, 1, 4, 3])
    options = parser.parse_args()
    key = options.key.encode() if options.key else None
    (send if options.role == "send" else reflect)(options, key)
    return 0


if __name__ == "__main__":
    sys.exit(main())
