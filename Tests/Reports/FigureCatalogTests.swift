import Testing

@testable import Reports

/// The figures follow from the format of the report; what a threshold may bound is a promise.
@Suite struct FigureCatalogTests {
    @Test("a figure has the path, the unit and the sign of its field")
    func dimensions() throws {
        let expected: [(String, Figure.Dimension)] = [
            ("loss.ratio", .ratio), ("loss.count", .count), ("loss.mean_burst", .number),
            ("rtt.p99", .time), ("rtt.count", .count), ("ipdv.mean", .signedTime),
            ("ipdv.stddev", .time), ("pacing.error.p50", .signedTime),
            ("rtp_jitter", .time), ("reordering.byte_offset.max", .bytes),
            ("throughput.sent_pps", .packetRate),
            ("throughput.received_bits_per_second", .bitRate),
            ("resets.retries.given_up", .count), ("chat.delivery.max", .time),
            ("socket.drops", .count), ("delivered.ratio", .ratio),
        ]
        for (name, dimension) in expected {
            let figure = try #require(FigureCatalog.figure(name), "\(name)")
            #expect(figure.dimension == dimension, "\(name)")
            #expect(ReportFormat.streamField(figure.reportPath) != nil, "\(name)")
        }
    }

    @Test("a part of the setup is no figure, and neither are the parts of a list")
    func settings() {
        for name in [
            "flows", "payload_bytes", "timeout", "interval", "socket.path_mtu_bytes",
            "socket.receive_buffer_granted_bytes", "intervals.sent", "resets.outages.probes",
        ] {
            #expect(FigureCatalog.figure(name) == nil, "\(name)")
        }
    }

    @Test("every account of loss is a figure of the ledger")
    func accounts() {
        for account in FigureCatalog.accountsOfLoss {
            #expect(FigureCatalog.figure("ledger.\(account)")?.dimension == .count, "\(account)")
        }
    }
}
