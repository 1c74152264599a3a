import Datagrams
import Testing

/// Addresses in one normal form, and names with a deadline: rows N24, S1, S2, S9.
@Suite struct AddressTests {
    @Test("N24 a v4-mapped address is the IPv4 address that it stands for")
    func n24Mapped() throws {
        let plain = try #require(SocketAddress(numeric: "127.0.0.1:7788"))
        for text in [
            "[::ffff:127.0.0.1]:7788", "[::FFFF:7f00:1]:7788", "[0:0:0:0:0:ffff:7f00:1]:7788",
        ] {
            let mapped = try #require(SocketAddress(numeric: text))
            #expect(mapped == plain)
            #expect(mapped.hashValue == plain.hashValue)
            #expect(mapped.description == "127.0.0.1:7788")
            #expect(mapped.family == .ipv4)
        }
        #expect(plain != plain.with(port: 7789))
        // Not mapped: `::127.0.0.1` is IPv6 (deprecated, RFC 4291 §2.5.5.1).
        #expect(try #require(SocketAddress(numeric: "[::127.0.0.1]:7788")).family == .ipv6)
    }

    @Test("N24 zones: by name and by number they are equal, and two links are not")
    func n24Zones() throws {
        let byName = try #require(SocketAddress(numeric: "[fe80::1%lo]:9"))
        let byNumber = try #require(SocketAddress(numeric: "[fe80::1%1]:9"))
        #expect(byName == byNumber)
        #expect(byName.description == "[fe80::1%1]:9")
        #expect(byName != SocketAddress(numeric: "[fe80::1%77]:9"))
        #expect(byName != SocketAddress(numeric: "[fe80::1]:9"))
        #expect(SocketAddress(numeric: "[fe80::1%]:9") == nil)
        #expect(SocketAddress(numeric: "[fe80::1%nosuchlink]:9") == nil)
        #expect(SocketAddress(numeric: "127.0.0.1%lo:9") == nil)
    }

    @Test("N24 one IPv6 address has one text, however it was written")
    func n24Spelling() throws {
        let one = try #require(SocketAddress(numeric: "[2001:db8::1]:1"))
        for text in ["[2001:DB8:0:0:0:0:0:1]:1", "[2001:0db8:0000::0001]:1"] {
            #expect(SocketAddress(numeric: text) == one)
        }
        #expect(one.description == "[2001:db8::1]:1")
        #expect(one.host == "2001:db8::1")
    }

    @Test(
        "an address and its sockaddr are one",
        arguments: ["127.0.0.1:0", "255.255.255.255:65535", "[::]:1", "[::1]:80", "[fe80::1%1]:5"])
    func rawRoundTrip(text: String) throws {
        let address = try #require(SocketAddress(numeric: text))
        #expect(address.description == text)
        let again = address.withRaw { raw, size in
            SocketAddress(raw: UnsafeRawBufferPointer(start: raw, count: Int(size)))
        }
        #expect(again == address)
        // A sockaddr that is cut short, or of another family, is none.
        let cut = address.withRaw { raw, _ in
            SocketAddress(raw: UnsafeRawBufferPointer(start: raw, count: 15))
        }
        #expect(cut == nil)
        #expect([UInt8](repeating: 1, count: 28).withUnsafeBytes { SocketAddress(raw: $0) } == nil)
        #expect([UInt8]().withUnsafeBytes { SocketAddress(raw: $0) } == nil)
    }

    @Test(
        "what is no address is none",
        arguments: [
            "", ":", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
            "127.0.0.1:+1", "127.0.0.1:8 ", "127.0.0.1:٣", "127.0.0:1", "256.0.0.1:1",
            "::1:80", "[::1]", "[::1]80", "[::1:80", "[]:80", "[::1]]:80", "[127.0.0.1:80",
            "localhost:80", "[1::2::3]:1",
        ])
    func noAddress(text: String) { #expect(SocketAddress(numeric: text) == nil) }

    @Test("an address of the wrong number of octets is none")
    func octets() {
        for count in [0, 3, 5, 15, 17] {
            #expect(SocketAddress(octets: [UInt8](repeating: 1, count: count), port: 1) == nil)
        }
        #expect(SocketAddress(octets: [10, 0, 0, 1], port: 1)?.octets == [10, 0, 0, 1])
        #expect(SocketAddress(octets: Array(1...16), port: 1)?.octets == Array(1...16))
    }

    @Test("kinds of addresses are told apart")
    func kinds() throws {
        func of(_ host: String) throws -> SocketAddress {
            try #require(SocketAddress(numericHost: host, port: 1))
        }
        for host in ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"] {
            #expect(try of(host).isLoopback)
        }
        for host in ["126.0.0.1", "128.0.0.1", "::2", "::", "0.0.0.0"] {
            #expect(try !of(host).isLoopback)
        }
        for host in ["224.0.0.1", "239.255.255.255", "ff02::1"] {
            #expect(try of(host).isMulticast)
        }
        for host in ["223.255.255.255", "240.0.0.0", "fe80::1"] {
            #expect(try !of(host).isMulticast)
        }
        for host in ["0.0.0.0", "::"] { #expect(try of(host).isUnspecified) }
        #expect(try of("255.255.255.255").isLimitedBroadcast)
        #expect(try HostAddresses.contains(of("127.0.0.1")))
        #expect(try !HostAddresses.contains(of("192.0.2.1")))
    }

    @Test("S1 a port in use is named with its errno, and is not shared")
    func s1() throws {
        for host in ["127.0.0.1:0", "[::1]:0"] {
            let any = try #require(SocketAddress(numeric: host))
            let first = try DatagramSocket(family: any.family)
            try first.bind(to: any)
            let taken = try first.localAddress()
            let second = try DatagramSocket(family: any.family)
            let failure = #expect(throws: SystemFailure.self) { try second.bind(to: taken) }
            #expect(failure?.errno == .addressInUse)
            #expect(failure?.description.contains(taken.description) == true)
            #expect(failure?.advice.isEmpty == false)
            _ = consume first
        }
    }

    @Test("S2 a name that does not exist is refused within the deadline")
    func s2() {
        let failure = #expect(throws: SystemFailure.self) {
            try Resolver.resolve(
                host: "no-such-host.invalid", port: 7, timeoutNs: 2_000_000_000)
        }
        #expect(failure?.call == "cannot resolve")
        #expect(failure?.description.contains("no-such-host.invalid") == true)
    }

    @Test("S2 a resolver that has not answered by the deadline is not waited for")
    func s2Deadline() {
        let failure = #expect(throws: SystemFailure.self) {
            try Resolver.resolve(host: "localhost", port: 7, timeoutNs: 0)
        }
        #expect(failure?.errno.name == "ETIMEDOUT")
    }

    @Test("numbers are not looked up, and names of this host are found")
    func resolves() throws {
        #expect(
            try Resolver.resolve(host: "192.0.2.7", port: 7, timeoutNs: 0).description
                == "192.0.2.7:7")
        #expect(try Resolver.resolve(host: "localhost", port: 7).isLoopback)
    }

    @Test("the name of a Unix socket is a path or an abstract name, and comes back from the kernel")
    func unixNames() throws {
        for name in ["/tmp/x.sock", "@x", "@" + String(repeating: "n", count: 106)] {
            let address = try #require(SocketAddress(numeric: "unix:\(name)"))
            #expect(address.family == .unix && address.description == "unix:\(name)")
            #expect(address.isLoopback && !address.isUnspecified && !address.isMulticast)
            let raw = address.withRaw { raw, size in
                Array(UnsafeRawBufferPointer(start: raw, count: Int(size)))
            }
            #expect(raw.count == 2 + name.utf8.count + (name.hasPrefix("@") ? 0 : 1))
            #expect(raw.withUnsafeBytes { SocketAddress(raw: $0) } == address)
        }
        for name in ["", "@", String(repeating: "n", count: 108), "a\0b"] {
            #expect(SocketAddress(numeric: "unix:\(name)") == nil)
        }
        // A socket without a name has none.
        #expect([UInt8](arrayLiteral: 1, 0).withUnsafeBytes { SocketAddress(raw: $0) } == nil)
    }
}
