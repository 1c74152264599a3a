import JSON

/// The figures of a process of a raw leg: one line of JSON.
struct RawFigures: Codable, Equatable, Sendable {
    /// The port of a responder; in its first line, before any datagram.
    var port: Int?
    var sent = 0
    var received = 0
    /// The duration of the sender's sending.
    var elapsedNs = 0
    var cpuSeconds = 0.0
    /// Of a relay that measures it: the delay from the kernel's receive to the send call.
    var delayP50Ns: Int?
    var delayP99Ns: Int?

    func line() throws -> String { try JSONCoding.encode(self).text(.compact) }

    /// Returns all lines of JSON in the output of a raw process; other lines are error messages.
    static func lines(in output: String) throws -> [RawFigures] {
        try output.split(separator: "\n").filter { $0.hasPrefix("{") }.map { line in
            try JSONCoding.decode(
                RawFigures.self, from: try JSONValue.parse(Array(line.utf8)))
        }
    }
}
