import Datagrams
import Testing

@testable import Loops

/// Whom a responder answers.
@Suite struct AnswerRuleTests {
    private func refusal(
        _ source: String, bound: String = "127.0.0.1:7788", allow: [String] = []
    ) throws -> AnswerRule.Refusal? {
        let batch = ReceiveBatch(slots: 1, slotBytes: 16, withAddresses: true, withControl: true)
        let rule = AnswerRule(
            bound: try #require(SocketAddress(numeric: bound)),
            allowed: try allow.map { try AddressRange($0) })
        let octets: [UInt8] = [1, 2, 3]
        let from = try #require(SocketAddress(numeric: source))
        octets.withUnsafeBytes { batch.simulate(0, octets: $0, source: from) }
        return rule.refusal(of: 0, in: batch)
    }

    @Test("H4 loopback alone is answered, unless others are allowed")
    func h4allowList() throws {
        #expect(try refusal("127.0.0.1:5000") == nil)
        #expect(try refusal("127.255.0.1:5000") == nil)
        #expect(try refusal("[::1]:5000", bound: "[::1]:7788") == nil)
        #expect(try refusal("192.0.2.1:5000") == .notAllowed)
        #expect(try refusal("[2001:db8::1]:5000", bound: "[::1]:7788") == .notAllowed)
        #expect(try refusal("192.0.2.1:5000", allow: ["192.0.2.0/24"]) == nil)
        #expect(try refusal("192.0.3.1:5000", allow: ["192.0.2.0/24"]) == .notAllowed)
        // The list stands for itself: loopback is not in it.
        #expect(try refusal("127.0.0.1:5000", allow: ["192.0.2.0/24"]) == .notAllowed)
        #expect(try refusal("127.0.0.1:5000", allow: ["192.0.2.0/24", "127.0.0.1"]) == nil)
        #expect(try refusal("8.8.8.8:5000", allow: ["0.0.0.0/0"]) == nil)
    }

    @Test("H5 the responder's own address is refused, the same port elsewhere is not")
    func h5ownAddress() throws {
        #expect(try refusal("127.0.0.1:7788") == .ownAddress)
        #expect(try refusal("127.0.0.2:7788") == nil)
        #expect(try refusal("127.0.0.1:7789") == nil)
        #expect(try refusal("[::1]:7788", bound: "[::1]:7788") == .ownAddress)
        #expect(try refusal("127.0.0.1:7788", bound: "0.0.0.0:7788") == .ownAddress)
    }

    @Test("H6 ports of services are refused", arguments: [0, 7, 19, 53, 123, 1_023])
    func h6sourcePort(port: Int) throws {
        #expect(try refusal("127.0.0.1:\(port)") == .sourcePort)
        #expect(try refusal("127.0.0.1:1024") == nil)
    }

    @Test("a range of addresses is read strictly")
    func ranges() throws {
        for text in ["", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "x/8", "::/129"] {
            #expect(throws: AddressRange.Fault.self, "\(text)") { try AddressRange(text) }
        }
        let whole = try AddressRange("::/0")
        #expect(whole.contains(try #require(SocketAddress(numeric: "[2001:db8::1]:1"))))
        #expect(!whole.contains(try #require(SocketAddress(numeric: "10.0.0.1:1"))))
        let half = try AddressRange("2001:db8::/33")
        #expect(half.contains(try #require(SocketAddress(numeric: "[2001:db8:7fff::1]:1"))))
        #expect(!half.contains(try #require(SocketAddress(numeric: "[2001:db8:8000::1]:1"))))
        #expect(try AddressRange("fd00::/8").description == "fd00::/8")
    }
}
