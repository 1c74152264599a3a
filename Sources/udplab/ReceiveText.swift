import Reports

/// What a server says at its end of what its socket did not bring.
enum ReceiveText {
    /// Of what the kernel may not count.
    static func count(_ count: Int?) -> String { count.map { UnitText.count($0) } ?? "unknown" }

    /// Nothing where no receive call failed, else the counts by errno.
    static func errors(_ errors: [String: Int]) -> String {
        guard !errors.isEmpty else { return "" }
        let names = errors.sorted { $0.key < $1.key }.map { name, count in
            "\(name) \(UnitText.count(count))"
        }
        return ", receive calls that failed: " + names.joined(separator: ", ")
    }
}
