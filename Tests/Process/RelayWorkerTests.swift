import Harness
import JSON
import Testing

/// The relay as a worker: orders on its standard input, replies on its standard output.
@Suite struct RelayWorkerTests {
    private static let nothing = #"{ "alterations": [], "blackholes": [], "refusals": [] }"#

    private static func prepare(listen: String) -> String {
        """
        {"message":"prepare","relay":{"listen":"\(listen)","targets":["127.0.0.1:9"],\
        "forward":\(nothing),"backward":\(nothing),"seed":1,"run_id":1,"streams":[],"client_of_flow":[],\
        "memory_bytes":1048576,"flows_limit":8,"idle_ns":1000000000,\
        "kernel_timestamps":true,"spin_ns":0,\
        "single_calls":{"sends":false,"receives":false}}}

        """
    }

    /// What a worker replies to these lines, its input open for a while after them.
    private func replies(to orders: String) async throws -> [JSONValue] {
        let directory = try TemporaryDirectory()
        try directory.write("orders", orders)
        // A worker whose input has ended gives no result.
        let script = """
            (cat orders; n=0
            until grep -qE '"message":"(result|failed)"' out || [ $n -eq 240 ]
            do sleep 0.25; n=$((n + 1)); done) | \(Program.path) worker > out; cat out
            """
        try directory.write("out", "")
        let ended = try await Execution.run(["-c", script], program: "sh", in: directory)
        return try ended.output.split(separator: "\n").map {
            try JSONValue.parse(Array($0.utf8), limits: .report)
        }
    }

    @Test("it tells its address, takes another impairment, and gives its result at the stop")
    func orders() async throws {
        let replies = try await replies(
            to: Self.prepare(listen: "127.0.0.1:0")
                + #"{"message":"start","start_ns":0,"sources":[],"asks_armed":false}"# + "\n"
                + "{\"message\":\"impair\",\"forward\":\(Self.nothing),"
                + "\"backward\":\(Self.nothing)}\n"
                + #"{"message":"stop","drain_ns":0,"sent_runs":[]}"# + "\n")
        let names = replies.compactMap { $0["message"]?.string }
        #expect(names.first == "hello")
        #expect(names.last == "result", "\(names)")
        let ready = try #require(replies.first { $0["message"] == .string("ready") })
        let address = try #require(ready["addresses"]?.array.first?.string)
        #expect(address.hasPrefix("127.0.0.1:"))
        let relay = try #require(replies.last?["relay"])
        #expect(relay["forward"]?["accounts"]?["received"] == .integer(0))
        #expect(relay["own_delay_ns"] == .null)
    }

    @Test("a port in use is a failure of the set-up")
    func taken() async throws {
        let taken = try BoundSocket()
        let replies = try await replies(to: Self.prepare(listen: "127.0.0.1:\(taken.port)"))
        let failed = try #require(replies.last)
        #expect(failed["message"] == .string("failed"))
        #expect(failed["kind"] == .string("setUp"))
        #expect(failed["reason"]?.string?.contains("EADDRINUSE") == true)
    }
}
