import Harness
import JSON
import Testing

/// A kernel that refuses what the plan asks for: the real program over a setsockopt(2) that fails.
@Suite struct RefusedOptionTests {
    /// An option that is refused, by level and number, and what the report says of it then.
    struct Refusal: CustomTestStringConvertible, Sendable {
        let name: String
        let level: Int
        let number: Int
        let feature: String
        let says: String

        var testDescription: String { name }
    }

    static let refusals = [
        Refusal(name: "UDP_SEGMENT", level: 17, number: 103, feature: "gso", says: "unsupported"),
        Refusal(name: "UDP_GRO", level: 17, number: 104, feature: "gro", says: "unsupported"),
        Refusal(
            name: "SO_TIMESTAMPNS", level: 1, number: 35, feature: "timestamps", says: "user"),
    ]

    @Test(
        "S7 what the kernel refuses is done without, and `features` says so", arguments: refusals)
    func s7(refusal: Refusal) async throws {
        let sender = PlanText.sender(
            rate: "500pps", length: #""count": 200"#,
            keys: #""offload": { "gso": "on", "gro": "on" }, "timestamps": "kernel""#)
        let trial = try Trial(PlanText(senders: [sender]))
        try await build(refusal, in: trial.directory)
        let usual = try await features(of: trial, environment: [:])
        #expect(usual.at(refusal.feature)?.string != refusal.says, "nothing to be refused here")
        let refused = try await features(
            of: trial, environment: ["LD_PRELOAD": trial.directory.file("refusing.so")])
        #expect(refused.at(refusal.feature)?.string == refusal.says)
        for other in Self.refusals where other.feature != refusal.feature {
            #expect(refused.at(other.feature) == usual.at(other.feature))
        }
    }

    private func features(
        of trial: Trial, environment: [String: String?]
    ) async throws -> JSONValue {
        let ended = try await trial.run("--force", environment: environment)
        #expect(ended.code == 0, "\(ended.all)")
        let report = try trial.report()
        #expect(report.ledgerFaults == [])
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.received") == stream.integer("ledger.sent"))
        return try #require(stream["features"])
    }

    private func build(_ refusal: Refusal, in directory: TemporaryDirectory) async throws {
        try directory.write(
            "refusing.c",
            """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <sys/socket.h>
            int setsockopt(int fd, int level, int name, const void *value, socklen_t size) {
                if (level == \(refusal.level) && name == \(refusal.number)) {
                    errno = ENOPROTOOPT;
                    return -1;
                }
                int (*next)(int, int, int, const void *, socklen_t) =
                    dlsym(RTLD_NEXT, "setsockopt");
                return next(fd, level, name, value, size);
            }
            """)
        let built = try await Execution.run(
            ["-shared", "-fPIC", "-o", directory.file("refusing.so"), "refusing.c"],
            program: "clang", in: directory)
        try #require(built.code == 0, "clang, which is a part of Swift, failed: \(built.all)")
    }
}
