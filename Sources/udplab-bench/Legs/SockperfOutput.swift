/// Parses the output of sockperf 3; a line is found by its words.
enum SockperfOutput {
    /// Reads `Total of 139421 messages sent in 1.003 sec` of the client, and `Total 87252 messages
    /// received and handled` of the server at its end. The loss follows from the two.
    static func oneWay(client: String, server: String, cpuSeconds: Double) throws -> LegFigures {
        let total = try line("messages sent in", in: client)
        let sent = try number(after: "Total of ", in: total)
        let seconds = try number(after: "sent in ", in: total)
        let handled = try number(
            after: "Total ", in: try line("messages received and handled", in: server))
        // The server counts the warm-up as well.
        let received = min(sent, handled)
        guard seconds > 0 else { throw BenchError("sockperf ran for no time") }
        return LegFigures(
            sentPps: sent / seconds, receivedPps: received / seconds,
            lossRatio: LegFigures.lossRatio(sent: Int(sent), received: Int(received)),
            cpuSecondsPerMillion: LegFigures.perMillion(cpuSeconds, Int(received)))
    }

    /// Reads `[Valid Duration] RunTime=0.550 sec; SentMessages=42191; ReceivedMessages=42191`, and
    /// the same for `[Total Run]`, which determines the CPU time.
    static func echo(_ client: String, cpuSeconds: Double) throws -> LegFigures {
        let valid = try line("[Valid Duration]", in: client)
        let seconds = try number(after: "RunTime=", in: valid)
        let sent = try number(after: "SentMessages=", in: valid)
        let received = try number(after: "ReceivedMessages=", in: valid)
        let all = try number(after: "ReceivedMessages=", in: try line("[Total Run]", in: client))
        guard seconds > 0 else { throw BenchError("sockperf measured for no time") }
        return LegFigures(
            sentPps: sent / seconds, receivedPps: received / seconds,
            lossRatio: LegFigures.lossRatio(sent: Int(sent), received: Int(received)),
            cpuSecondsPerMillion: LegFigures.perMillion(cpuSeconds, Int(all)))
    }

    private static func line(_ mark: String, in output: String) throws -> Substring {
        let lines = output.split(separator: "\n")
        guard let line = lines.first(where: { $0.contains(mark) }) else {
            throw BenchError("sockperf's output has no \"\(mark)\"")
        }
        return line
    }

    private static func number(after mark: String, in line: Substring) throws -> Double {
        guard let found = line.firstRange(of: mark) else {
            throw BenchError("sockperf's \"\(line)\" has no \"\(mark)\"")
        }
        let digits = line[found.upperBound...].prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits) else {
            throw BenchError("sockperf's \"\(line)\" has no number after \"\(mark)\"")
        }
        return number
    }
}
