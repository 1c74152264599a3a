import JSON
import Testing

@testable import Plans

@Suite struct TargetAddressTests {
    @Test(arguments: [
        ("127.0.0.1:7", "127.0.0.1", 7, true), ("127.255.0.1:65535", "127.255.0.1", 65_535, true),
        ("[::1]:7", "::1", 7, true), ("[0:0:0:0:0:0:0:1]:7", "0:0:0:0:0:0:0:1", 7, true),
        ("[::ffff:127.0.0.1]:7", "::ffff:127.0.0.1", 7, true),
        ("[::ffff:7f00:1]:7", "::ffff:7f00:1", 7, true),
        ("[::ffff:128.0.0.1]:7", "::ffff:128.0.0.1", 7, false),
        ("192.0.2.1:1", "192.0.2.1", 1, false), ("128.0.0.1:7", "128.0.0.1", 7, false),
        ("[::2]:7", "::2", 7, false), ("[fe80::1%eth0.5]:9", "fe80::1%eth0.5", 9, false),
        ("localhost:7", "localhost", 7, false),
        ("echo_1.example.net:80", "echo_1.example.net", 80, false),
    ])
    func anAddressIsRead(text: String, host: String, port: Int, isLoopback: Bool) throws {
        let address = try TargetAddress(text, ports: 1...65_535)
        #expect(address.hostText == host)
        #expect(Int(address.port) == port)
        #expect(address.isLoopback == isLoopback)
        #expect(address.text == text)
    }

    @Test func theBytesAreInNetworkOrder() throws {
        let four = try TargetAddress("192.0.2.1:7", ports: 1...65_535)
        #expect(four.host == .literal(bytes: [192, 0, 2, 1], zone: nil))
        let six = try TargetAddress("[fe80::1%eth0]:7", ports: 1...65_535)
        let bytes: [UInt8] = [0xfe, 0x80] + Array(repeating: 0, count: 13) + [1]
        #expect(six.host == .literal(bytes: bytes, zone: "eth0"))
    }

    /// A name that resolves to one of these is refused by the same rule.
    @Test(
        "P22 no address of many hosts or of none is ever a target",
        arguments: [
            [0, 0, 0, 0], [0, 1, 2, 3], [224, 0, 0, 1], [239, 255, 255, 255], [240, 0, 0, 1],
            [255, 255, 255, 255], [127, 255, 255, 255],
        ])
    func p22ManyHosts(bytes: [UInt8]) {
        #expect(TargetAddress.addressFault(bytes) != nil)
        let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff] + bytes
        #expect(TargetAddress.addressFault(mapped) != nil)
    }

    @Test("P22 IPv6 multicast and unspecified are never a target")
    func p22IPv6() {
        #expect(TargetAddress.addressFault([UInt8](repeating: 0, count: 16)) != nil)
        #expect(TargetAddress.addressFault([0xff] + [UInt8](repeating: 1, count: 15)) != nil)
        #expect(TargetAddress.addressFault([0xfe] + [UInt8](repeating: 1, count: 15)) == nil)
    }
}
