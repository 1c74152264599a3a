import Reports

/// The sentences at the end of a server about datagrams that its socket lost.
enum ReceiveText {
    /// Returns a count that the kernel may not report.
    static func count(_ count: Int?) -> String { count.map { UnitText.count($0) } ?? "unknown" }

    /// Returns the failed receive calls by errno; empty if there are none.
    static func errors(_ errors: [String: Int]) -> String {
        guard !errors.isEmpty else { return "" }
        let names = errors.sorted { $0.key < $1.key }.map { name, count in
            "\(name) \(UnitText.count(count))"
        }
        return ", receive calls that failed: " + names.joined(separator: ", ")
    }
}
