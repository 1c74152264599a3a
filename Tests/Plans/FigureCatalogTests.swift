import Testing

@testable import Plans
@testable import Reports

/// The catalog of figures and the format of the report say the same about a stream.
@Suite struct FigureCatalogTests {
    @Test func everyFigureIsAFieldOfTheReportWithItsUnit() throws {
        for figure in FigureCatalog.all {
            let field = try #require(
                ReportFormat.streamField(figure.reportPath), "\(figure.name) is in no report")
            #expect(dimension(of: field) == figure.dimension, "\(figure.name)")
        }
    }

    /// What a stream has beside its figures: its setup, its series, its buffers.
    private static let noFigures: Set = [
        "flows", "payload_bytes", "timeout_ns", "intervals", "interval_ns",
        "socket.receive_buffer_asked_bytes", "socket.receive_buffer_granted_bytes",
        "socket.send_buffer_asked_bytes", "socket.send_buffer_granted_bytes",
        "socket.path_mtu_bytes", "socket.packet_too_big",
    ]

    @Test func everyNumberOfAStreamIsAFigure() {
        let known = Set(FigureCatalog.all.map { $0.reportPath.joined(separator: ".") })
        let numbers = Set(paths(of: ReportFormat.stream)).subtracting(Self.noFigures)
        #expect(numbers.subtracting(known).sorted() == [])
    }

    private func paths(of object: ReportObject) -> [String] {
        object.fields.flatMap { field -> [String] in
            switch field.shape {
            case .integer, .number: [field.key]
            case .object(let inner): paths(of: inner).map { "\(field.key).\($0)" }
            default: []
            }
        }
    }

    private func dimension(of field: ReportField) -> Figure.Dimension? {
        let isSigned =
            switch field.shape {
            case .integer(let minimum): minimum == nil
            case .number(let minimum): minimum == nil
            default: false
            }
        switch field.unit {
        case .nanoseconds: return isSigned ? .signedTime : .time
        case .ratio: return .ratio
        case .count: return .count
        case .bytes: return .bytes
        case .packetsPerSecond: return .packetRate
        case .bitsPerSecond: return .bitRate
        case nil: return .number
        case .seconds, .milliseconds: return nil
        }
    }
}
