import Load
import Testing

@testable import Plans

@Suite struct SendOptionsTests {
    private static func sender(_ keys: String) throws -> SenderDefinition {
        let text = """
            { "plan": 1, "name": "p", "networks": { "here": { "kind": "loopback" } },
              "responders": { "echo": { "behaviour": "echo" } },
              "scenarios": [ { "name": "s", "networks": ["here"], "responder": "echo", "senders": [
                { "name": "a", "flows": 3, "rate": "10pps", "payload": "64B", "duration": "10s",
                  \(keys) } ] } ] }
            """
        return try PlanReader.read(Array(text.utf8), path: "plan.json").scenarios[0].senders[0]
    }

    @Test(
        "a DSCP has a number or the name of its RFC",
        arguments: [
            ("0", 0), ("63", 63), (#""CS0""#, 0), (#""CS7""#, 56), (#""AF11""#, 10),
            (#""AF23""#, 22), (#""AF43""#, 38), (#""EF""#, 46), (#""VA""#, 44), (#""LE""#, 1),
        ])
    func dscp(text: String, value: Int) throws {
        let options = try Self.sender("\"dscp\": \(text), \"ecn\": \"ect1\"").options
        #expect(options.dscp == value)
        #expect(options.trafficClass == UInt8(value << 2 | 1))
        #expect(options.readsMarks)
    }

    @Test("without a key nothing is set, and no mark is read")
    func none() throws {
        let options = try Self.sender(#""x-a": 1"#).options
        #expect(options == SendOptions())
        #expect(!options.readsMarks && options.trafficClass == 0)
    }

    @Test("every key reaches the value that the loops read")
    func all() throws {
        let sender = try Self.sender(
            """
            "ttl": 5, "dont_fragment": true, "interface": "lo", "send_buffer": "64KiB",
            "start_after": "2s", "source": { "address": "::1", "ports": "40000-40002" }
            """)
        var expected = SendOptions()
        expected.ttl = 5
        expected.dontFragment = true
        expected.interface = "lo"
        expected.sendBufferBytes = 65_536
        expected.startAfterNs = 2_000_000_000
        expected.sourceAddress = "::1"
        expected.sourcePorts = 40_000...40_002
        #expect(sender.options == expected)
        #expect(sender.expectedEndNs == 12_000_000_000)
    }

    @Test(
        "what is no option is refused with what is legal",
        arguments: [
            (#""dscp": 64"#, "out of range"), (#""dscp": "ef""#, "did you mean \"EF\""),
            (#""dscp": "AF14""#, "is none of"), (#""ecn": "ce""#, "is none of"),
            (#""ttl": 0"#, "out of range"), (#""ttl": 256"#, "out of range"),
            (#""interface": "a/b""#, "an interface has a name"),
            (#""interface": "a name of sixteen""#, "an interface has a name"),
            (#""send_buffer": "1B""#, "256B"),
            (#""source": { "address": "127.0.0.1:5" }"#, "no numeric address"),
            (#""source": { "address": "224.0.0.1" }"#, "multicast"),
            (#""source": { "address": "localhost" }"#, "numeric"),
            (#""source": { "ports": "40000-40001" }"#, "3 flows need a port each"),
            (#""source": { "ports": "40002-40000" }"#, "no range of ports"),
            (#""source": { "ports": "0-70000" }"#, "no range of ports"),
            (#""source": { "ports": 40000 }"#, "string"),
            (#""start_after": "2""#, "2s"),
        ])
    func refused(keys: String, says: String) {
        let error = #expect(throws: PlanError.self) { try Self.sender(keys) }
        #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
    }
}
